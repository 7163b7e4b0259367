import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";

/** Status codes of gRPC, as they stand in `grpc-status`. */
export const grpcStatus = {
  ok: "0",
  permissionDenied: "7",
  unavailable: "14",
} as const;

/** Something that answers gRPC calls of this machine's own processes. */
export interface LoopbackServer {
  /** For a client's `apiUrl`. */
  readonly url: string;
  /** Cuts every connection that there is, and takes no more. Returns when they are gone. */
  close(): Promise<void>;
}

/**
 * Listens on a free port of the loopback address. Clients that go away are nothing to the process: their streams and
 * connections end, and what comes after them is served.
 *
 * @param onCall - answers one call; what is thrown there is a bug
 * @throws {Error} as the system says it, when no port can be had
 */
export async function serveOnLoopback(
  onCall: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<LoopbackServer> {
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
    onCall(stream, headers);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const session of sessions) session.destroy();
      return closed;
    },
  };
}

function listen(server: Http2Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string")
        reject(new Error("the server has no port"));
      else resolve(address.port);
    });
  });
}

const answerHeaders = {
  ":status": constants.HTTP_STATUS_OK,
  "content-type": "application/grpc",
};

/** Answers a call that went well, with one message. What the client is still sending goes nowhere. */
export function answerCall(
  stream: ServerHttp2Stream,
  message: Uint8Array,
): void {
  if (stream.destroyed) return;
  stream.respond(answerHeaders, { waitForTrailers: true });
  stream.on("wantTrailers", () =>
    stream.sendTrailers({ "grpc-status": grpcStatus.ok }),
  );
  stream.end(framed(message));
  stream.resume();
}

/**
 * Answers a call that does not go well, unless its answer has begun. What the client is still sending goes nowhere.
 *
 * @param status - one of {@link grpcStatus}
 */
export function refuseCall(
  stream: ServerHttp2Stream,
  status: string,
  message: string,
): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    { ...answerHeaders, "grpc-status": status, "grpc-message": message },
    { endStream: true },
  );
  stream.resume();
}

/** A message as gRPC sends it: not compressed, and its length before it. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
