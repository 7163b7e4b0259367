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
import { groupsSentTo } from "./sent-groups.js";

/**
 * What a client behind a wall may do to the network. Whatever it sends as a member of a group makes other copies of its
 * database useless for that group: they stay behind, or go another way, and never notice.
 */
export interface Reach {
  /** The client may renew the key package that others add it to conversations with. */
  keyPackage: "allowed" | "refused";
  /** Groups that it may send into. */
  mayWriteTo: (groupId: string) => boolean;
  /**
   * What the client is told of what it sends into other groups. `error`: the truth; it tries again, for seconds in each
   * group. `success`: it waits a moment for what never comes, and goes on; for a database that is thrown away afterwards.
   */
  otherwise: "error" | "success";
}

/** A network address of this machine's, behind which there is a network with a wall around what is written. */
export interface NetworkWall {
  /** For a client's `apiUrl`. */
  readonly url: string;
  close(): Promise<void>;
}

const service = {
  mls: "/xmtp.mls.api.v1.MlsApi/",
  identity: "/xmtp.identity.api.v1.IdentityApi/",
} as const;

/** Everything that only reads. What is not known here is refused. */
const reads = new Set([
  ...[
    "FetchKeyPackages",
    "QueryGroupMessages",
    "QueryWelcomeMessages",
    "SubscribeGroupMessages",
    "SubscribeWelcomeMessages",
    "Subscribe",
    "BatchQueryCommitLog",
    "GetNewestGroupMessage",
  ].map((method) => service.mls + method),
  ...[
    "GetIdentityUpdates",
    "GetInboxIds",
    "VerifySmartContractWalletSignatures",
  ].map((method) => service.identity + method),
]);

const uploadKeyPackage = `${service.mls}UploadKeyPackage`;
const sendGroupMessages = `${service.mls}SendGroupMessages`;

/** What the library writes into groups, or about them. All are answered with an empty message. */
const groupWrites = new Set(
  ["SendGroupMessages", "SendWelcomeMessages", "BatchPublishCommitLog"].map(
    (method) => service.mls + method,
  ),
);

const grpc = { ok: "0", permissionDenied: "7", unavailable: "14" } as const;

/** Far more than one message may be. */
const maxRequestBytes = 64 * 1024 * 1024;

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
    void serve(stream, headers, upstream, reach);
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
  const path = headers[":path"] ?? "";
  if (reads.has(path)) {
    pass(stream, headers, upstream);
    return;
  }
  if (path === uploadKeyPackage && reach.keyPackage === "allowed") {
    pass(stream, headers, upstream);
    return;
  }
  if (path === sendGroupMessages) {
    const body = await readWhole(stream);
    const groups = body && groupsSentTo(body);
    if (groups !== undefined && groups.every(reach.mayWriteTo)) {
      pass(stream, headers, upstream, body);
      return;
    }
  }
  if (groupWrites.has(path) && reach.otherwise === "success") swallow(stream);
  else refuse(stream, grpc.permissionDenied, "writing is switched off");
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
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxRequestBytes) return undefined;
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
  body?: Buffer,
): void {
  if (stream.destroyed) return;
  const call = upstream.session().request(withoutHop(headers));
  const fail = () => {
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else refuse(stream, grpc.unavailable, "the network cannot be reached");
  };
  call.on("error", fail);
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
    let trailers: IncomingHttpHeaders = {};
    call.on("trailers", (received: IncomingHttpHeaders) => {
      trailers = received;
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
  stream.on("close", () => call.close());
  if (body === undefined) stream.pipe(call);
  else call.end(body);
}
