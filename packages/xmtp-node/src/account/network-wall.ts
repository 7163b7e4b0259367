import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { CarryoverError } from "@carryover/client";
import { judgeCall, maxJudgedBytes, type Reach } from "@carryover/xmtp-shared";
import {
  answerCall,
  grpcStatus,
  type LoopbackServer,
  refuseCall,
  serveOnLoopback,
} from "../loopback-grpc.js";

/** A network address of this machine's, behind which there is a network with a wall around what is written. */
export type NetworkWall = LoopbackServer;

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
  const server = await serveOnLoopback((stream, headers) => {
    serve(stream, headers, upstream, reach).catch(() => sayUnreachable(stream));
  }).catch((cause: unknown) => {
    throw new CarryoverError(
      "networkUnavailable",
      "no address of this machine can be listened on",
      { cause },
    );
  });
  return {
    url: server.url,
    close: async () => {
      const closed = server.close();
      upstream.close();
      await closed;
    },
  };
}

const sayUnreachable = (stream: ServerHttp2Stream) =>
  refuseCall(stream, grpcStatus.unavailable, "the network cannot be reached");

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
      return answerCall(stream, emptyMessage);
    case "refuse":
      return refuseCall(
        stream,
        grpcStatus.permissionDenied,
        "writing is switched off",
      );
  }
}

const emptyMessage = new Uint8Array();

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
    else sayUnreachable(stream);
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
