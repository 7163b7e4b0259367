import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { CarryoverError } from "@carryover/client";
import { judgeCall, maxJudgedBytes, type Reach } from "@carryover/xmtp-shared";

/** A network address of this machine's, behind which there is a network with a wall around what is written. */
export interface NetworkWall {
  /** For a client's `apiUrl`. */
  readonly url: string;
  close(): Promise<void>;
}

const grpc = { ok: "0", permissionDenied: "7", unavailable: "14" } as const;

/**
 * Puts a wall before an XMTP node: a client that is given the wall's address reads everything, and writes what `reach`
 * allows. The library adds installations to conversations by itself while it fetches messages, and has no switch for that;
 * behind the wall it tries in vain.
 *
 * @param upstreamUrl - of the node, `https`, or `http` in development
 * @throws {CarryoverError} `networkUnavailable` when no port can be had
 */
export async function openNetworkWall(
  upstreamUrl: string,
  reach: Reach,
): Promise<NetworkWall> {
  const upstream = createUpstream(upstreamUrl);
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    // Whoever went away is not told of it.
    stream.on("error", () => undefined);
    serve(stream, headers, upstream, reach).catch(() =>
      refuse(stream, grpc.unavailable, "the network cannot be reached"),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      upstream.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Http2Server): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(
        new CarryoverError(
          "networkUnavailable",
          "no address of this machine can be listened on",
          { cause },
        ),
      );
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", fail);
      const address = server.address();
      if (address === null || typeof address === "string") fail();
      else resolve(address.port);
    });
  });
}

interface Upstream {
  session(): ClientHttp2Session;
  close(): void;
}

/** One connection, made again when it was lost. */
function createUpstream(url: string): Upstream {
  let session: ClientHttp2Session | undefined;
  return {
    session: () => {
      if (session === undefined || session.closed || session.destroyed) {
        session = connect(url);
        session.on("error", () => undefined);
      }
      return session;
    },
    close: () => session?.destroy(),
  };
}

async function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: Upstream,
  reach: Reach,
): Promise<void> {
  const verdict = await judgeCall(headers[":path"] ?? "", reach, () =>
    readWhole(stream),
  );
  switch (verdict.kind) {
    case "pass":
      return pass(stream, headers, upstream, verdict.body);
    case "swallow":
      return swallow(stream);
    case "refuse":
      return refuse(stream, grpc.permissionDenied, "writing is switched off");
  }
}

const emptyGrpcMessage = Buffer.alloc(5);

function swallow(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond(
    {
      ":status": constants.HTTP_STATUS_OK,
      "content-type": "application/grpc",
    },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () =>
    stream.sendTrailers({ "grpc-status": grpc.ok }),
  );
  stream.end(emptyGrpcMessage);
  // What was sent goes nowhere.
  stream.resume();
}

/** The request, or `undefined` for one that is too large or was cut. */
async function readWhole(
  stream: ServerHttp2Stream,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Left open where it is too large: the client is to be told.
    for await (const chunk of stream.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxJudgedBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    // The client went away: nobody is told.
    return undefined;
  }
  return Buffer.concat(chunks);
}

function refuse(
  stream: ServerHttp2Stream,
  status: string,
  message: string,
): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ":status": constants.HTTP_STATUS_OK,
      "content-type": "application/grpc",
      "grpc-status": status,
      "grpc-message": message,
    },
    { endStream: true },
  );
  // What the client is still sending is of no interest.
  stream.resume();
}

/** Headers that belong to one connection. */
const hopByHop = new Set(["connection", "host", ":authority", ":scheme"]);

const withoutHop = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name)),
  );

/** Hands a call on, and its answer back, as it comes. */
function pass(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: Upstream,
  body: Uint8Array | undefined,
): void {
  if (stream.destroyed) return;
  const call = upstream.session().request(withoutHop(headers));
  const fail = () => {
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else refuse(stream, grpc.unavailable, "the network cannot be reached");
  };
  call.on("error", fail);
  // A connection that is lost cancels its calls without an error.
  call.on("close", () => {
    if (!call.readableEnded && !stream.destroyed) fail();
  });
  call.on("response", (answer, flags) => {
    if (stream.destroyed) {
      call.close();
      return;
    }
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(withoutHop(answer), { endStream: true });
      return;
    }
    stream.respond(withoutHop(answer), { waitForTrailers: true });
    let trailers: IncomingHttpHeaders | undefined;
    call.on("trailers", (received: IncomingHttpHeaders) => {
      trailers = received;
    });
    stream.on("wantTrailers", () => {
      // Every gRPC answer has them: this one was cut, and must not look whole.
      if (trailers === undefined) fail();
      else stream.sendTrailers(trailers);
    });
    call.pipe(stream);
  });
  stream.on("close", () => call.close());
  if (body === undefined) stream.pipe(call);
  else call.end(body);
}
