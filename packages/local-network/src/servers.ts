import { type ConnectRouter, type Interceptor } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import * as http from "node:http";
import * as http2 from "node:http2";
import { type AddressInfo, type Server, type Socket } from "node:net";
import { LocalNetworkError } from "./errors.js";

/** The same limit as the real node: 50 MiB a message. */
const maxMessageBytes = 50 * 1024 * 1024;

/** Where and what to serve. */
export interface ServersOptions {
  readonly host: string;
  readonly grpcPort: number;
  readonly grpcWebPort: number;
  readonly routes: (router: ConnectRouter) => void;
  readonly interceptors: Interceptor[];
  readonly shutdownSignal: AbortSignal;
}

/** The two listening servers. */
export interface Servers {
  readonly grpcUrl: string;
  readonly grpcWebUrl: string;
  close(): Promise<void>;
}

const streamingPath = /\/Subscribe(Group|Welcome)Messages$/;

type Handler = ReturnType<typeof connectNodeAdapter>;

/**
 * Commits the response headers of the two subscriptions at once. connect-node holds them back until the first message,
 * and a client that subscribes to something quiet would wait for them until its time-out.
 */
function withEarlyHeaders(handler: Handler): Handler {
  return (request, response) => {
    const contentType = request.headers["content-type"];
    if (
      request.method === "POST" &&
      streamingPath.test(request.url ?? "") &&
      contentType?.startsWith("application/grpc") === true
    ) {
      response.writeHead(200, {
        "content-type": contentType,
        subscribed: "true",
      });
      if ("flushHeaders" in response) response.flushHeaders();
      // What connect-node would send now is what was sent already.
      response.writeHead = () => response as never;
    }
    handler(request, response);
  };
}

/** Starts both servers; when one cannot start, neither is left behind. */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const handler = withEarlyHeaders(
    connectNodeAdapter({
      routes: options.routes,
      interceptors: options.interceptors,
      shutdownSignal: options.shutdownSignal,
      readMaxBytes: maxMessageBytes,
      acceptCompression: [],
      connect: false,
    }),
  );
  const grpc = http2.createServer({ maxSessionMemory: 1024 }, handler);
  const grpcWeb = http.createServer(withCors(handler));
  const sockets = new Set<Socket>();
  for (const server of [grpc, grpcWeb])
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });

  const grpcPort = await listen(grpc, options.grpcPort, options.host);
  let grpcWebPort: number;
  try {
    grpcWebPort = await listen(grpcWeb, options.grpcWebPort, options.host);
  } catch (error) {
    grpc.close();
    throw error;
  }
  const urlHost = options.host.includes(":")
    ? `[${options.host}]`
    : options.host;
  return {
    grpcUrl: `http://${urlHost}:${grpcPort}`,
    grpcWebUrl: `http://${urlHost}:${grpcWebPort}`,
    close: async () => {
      const closed = [grpc, grpcWeb].map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
          }),
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function withCors(handler: Handler): http.RequestListener {
  return (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader(
      "access-control-expose-headers",
      "*, grpc-status, grpc-message, grpc-status-details-bin",
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
