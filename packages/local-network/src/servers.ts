import {
  type ConnectRouter,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import * as http from "node:http";
import * as http2 from "node:http2";
import { type AddressInfo, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type CallConnection, callConnectionKey } from "./call-interceptor.js";
import { type WatchedConnections } from "./connections.js";
import { LocalNetworkError } from "./errors.js";

/** The limit of the real node. */
const maxMessageBytes = 50 * 1024 * 1024;
/** Flow-control window of a connection, so that a large message is not sent 64 KiB at a time. */
const windowBytes = 8 * 1024 * 1024;
const maxSessionMemoryMiB = 1024;
/** Longer than browsers keep an idle connection, so that they never write to one that is just being closed. */
const keepAliveMs = 10 * 60 * 1000;
/** What calls get to finish when the network closes. */
const closeGraceMs = 250;

/** Where and what to serve. */
export interface ServersOptions {
  readonly host: string;
  readonly grpcPort: number;
  readonly grpcWebPort: number;
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: Interceptor[];
  readonly connections: WatchedConnections;
  readonly shutdownSignal: AbortSignal;
}

/** The two listening servers. */
export interface Servers {
  readonly grpcUrl: string;
  readonly grpcWebUrl: string;
  /** Stops accepting, gives running calls a moment to end, and cuts off the rest. */
  close(): Promise<void>;
}

type Handler = ReturnType<typeof connectNodeAdapter>;
type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

/**
 * Starts both servers; when one cannot start, neither is left behind.
 *
 * @throws LocalNetworkError `portInUse`, `cannotListen`
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { host, connections } = options;
  const handler = withEarlyHeaders(
    connectNodeAdapter({
      routes: options.routes,
      interceptors: options.interceptors,
      shutdownSignal: options.shutdownSignal,
      contextValues: (request) =>
        createContextValues().set(callConnectionKey, connectionOf(request)),
      fallback: refuseUnknownMethod,
      readMaxBytes: maxMessageBytes,
      acceptCompression: [],
      connect: false,
    }),
  );
  const grpc = http2.createServer(
    {
      maxSessionMemory: maxSessionMemoryMiB,
      settings: { initialWindowSize: windowBytes },
    },
    handler,
  );
  const sessions = new Set<http2.ServerHttp2Session>();
  grpc.on("session", (session) => {
    session.setLocalWindowSize(windowBytes);
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  const grpcWeb = http.createServer(
    { keepAliveTimeout: keepAliveMs },
    withCors(handler),
  );
  connections.watch(grpc);
  connections.watch(grpcWeb);

  const grpcPort = await listen(grpc, options.grpcPort, host);
  let grpcWebPort: number;
  try {
    grpcWebPort = await listen(grpcWeb, options.grpcWebPort, host);
  } catch (error) {
    await stop(grpc);
    throw error;
  }
  const urlHost = host.includes(":") ? `[${host}]` : host;
  return {
    grpcUrl: `http://${urlHost}:${grpcPort}`,
    grpcWebUrl: `http://${urlHost}:${grpcWebPort}`,
    close: async () => {
      const stopped = Promise.all([stop(grpc), stop(grpcWeb)]);
      for (const session of sessions) session.close();
      grpcWeb.closeIdleConnections();
      const grace = new AbortController();
      await Promise.race([
        stopped,
        delay(closeGraceMs, undefined, { signal: grace.signal }).catch(
          () => undefined,
        ),
      ]);
      grace.abort();
      connections.disconnectAll();
      await stopped;
    },
  };
}

/**
 * Commits the response headers of the two subscriptions at once. connect-node holds them back until the first message,
 * and a client that subscribes to something quiet would wait for them until its time-out.
 */
function withEarlyHeaders(handler: Handler): Handler {
  return (request, response) => {
    const contentType = request.headers["content-type"] ?? "";
    if (
      request.method === "POST" &&
      /^\/xmtp\.mls\.api\.v1\.MlsApi\/Subscribe(Group|Welcome)Messages$/.test(
        request.url ?? "",
      ) &&
      /^application\/grpc(-web)?(\+proto)?$/.test(contentType)
    ) {
      response.writeHead(200, {
        "content-type": contentType,
        // The real node sends this too.
        subscribed: "true",
      });
      if ("flushHeaders" in response) response.flushHeaders();
      // What connect-node would send later is what was sent now.
      Object.defineProperty(response, "writeHead", { value: () => response });
    }
    handler(request, response);
  };
}

function connectionOf(request: Request): CallConnection {
  return "stream" in request
    ? {
        protocol: "grpc",
        disconnect: () => request.stream.session?.destroy(),
      }
    : { protocol: "grpcWeb", disconnect: () => request.socket.destroy() };
}

/** A gRPC client wants a status, not a 404. */
function refuseUnknownMethod(request: Request, response: Response): void {
  const contentType = request.headers["content-type"] ?? "";
  if (contentType.startsWith("application/grpc"))
    response.writeHead(200, {
      "content-type": contentType,
      "grpc-status": "12",
      "grpc-message": "unknown method",
    });
  else response.writeHead(404);
  response.end();
}

/** Lets web pages of any origin in: this is for development. */
function withCors(handler: Handler): http.RequestListener {
  return (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader(
      "access-control-expose-headers",
      "grpc-status, grpc-message, grpc-status-details-bin, subscribed",
    );
    if (request.method !== "OPTIONS") {
      handler(request, response);
      return;
    }
    response.writeHead(204, {
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers":
        request.headers["access-control-request-headers"] ?? "*",
      "access-control-max-age": "7200",
    });
    response.end();
  };
}

async function listen(
  server: Server,
  port: number,
  host: string,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      reject(
        cause.code === "EADDRINUSE"
          ? new LocalNetworkError("portInUse", `port ${port} is in use`, {
              cause,
            })
          : new LocalNetworkError(
              "cannotListen",
              `cannot listen on ${host} port ${port}`,
              { cause },
            ),
      );
    };
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
