import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type ServerHttp2Stream,
} from "node:http2";
import { afterEach, expect, test } from "vitest";
import {
  answerCall,
  grpcStatus,
  refuseCall,
  serveOnLoopback,
} from "./loopback-grpc.js";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(onCall: (stream: ServerHttp2Stream) => void) {
  const server = await serveOnLoopback(onCall);
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await server.close();
  };
  closing.push(close);
  return { url: server.url, close };
}

function open(url: string): ClientHttp2Session {
  const session = connect(url);
  session.on("error", () => undefined);
  closing.push(() => session.destroy());
  return session;
}

function call(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({ ":method": "POST", ":path": "/any/Call" });
  stream.on("error", () => undefined);
  return stream;
}

async function answerTo(stream: ClientHttp2Stream) {
  const said: Record<string, unknown> = {};
  stream.on("response", (headers) => void Object.assign(said, headers));
  stream.on("trailers", (trailers) => void Object.assign(said, trailers));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "close");
  return {
    status: said["grpc-status"],
    words: said["grpc-message"],
    body: [...Buffer.concat(chunks)],
  };
}

test("an answer is a message with its length before it, and the word that all went well", async () => {
  const { url } = await serve((stream) =>
    answerCall(stream, Uint8Array.of(7, 8, 9)),
  );
  expect(await answerTo(call(open(url)).end())).toEqual({
    status: grpcStatus.ok,
    words: undefined,
    body: [0, 0, 0, 0, 3, 7, 8, 9],
  });
});

test.each([
  ["answered", (stream: ServerHttp2Stream) => answerCall(stream, Buffer.of())],
  [
    "refused",
    (stream: ServerHttp2Stream) =>
      refuseCall(stream, grpcStatus.unavailable, "not now"),
  ],
])(
  "a call is %s when a part of it was read, and the client can send to its end",
  async (_, onCall) => {
    const { url } = await serve((stream) => {
      stream.once("data", () => {
        stream.pause();
        onCall(stream);
      });
    });
    const stream = call(open(url));
    const answer = answerTo(stream);
    // More than a stream takes that nobody reads from.
    const chunk = Buffer.alloc(256 * 1024);
    for (let sent = 0; sent < 8; sent++)
      await new Promise<void>((resolve) =>
        stream.write(chunk, () => resolve()),
      );
    stream.end();
    expect((await answer).status).toBeDefined();
  },
);

test("a call whose answer has begun is not refused any more", async () => {
  const { url } = await serve((stream) => {
    answerCall(stream, Uint8Array.of(1));
    refuseCall(stream, grpcStatus.permissionDenied, "too late");
  });
  expect(await answerTo(call(open(url)).end())).toMatchObject({
    status: grpcStatus.ok,
    words: undefined,
  });
});

test("a client that went away is neither answered nor refused, and the next one is served", async () => {
  let onCall: (stream: ServerHttp2Stream) => void = () => undefined;
  const arrived = new Promise<ServerHttp2Stream>((resolve) => {
    onCall = resolve;
  });
  const { url } = await serve((stream) => onCall(stream));
  const session = open(url);
  call(session).end();
  const stream = await arrived;
  const gone = once(stream, "close");
  session.destroy();
  await gone;
  answerCall(stream, Uint8Array.of(1));
  refuseCall(stream, grpcStatus.unavailable, "nobody hears this");
  onCall = (next) => answerCall(next, Uint8Array.of(2));
  expect((await answerTo(call(open(url)).end())).status).toBe(grpcStatus.ok);
});

test("closing cuts the connections that are open, used or idle, and takes no more", async () => {
  const { url, close } = await serve((stream) => stream.respond());
  const used = open(url);
  await once(call(used), "response");
  const idle = open(url);
  await once(idle, "connect");
  const cut = [once(used, "close"), once(idle, "close")];
  await close();
  await Promise.all(cut);
  const [error] = (await once(connect(url), "error")) as [
    NodeJS.ErrnoException,
  ];
  expect(error.code).toBe("ECONNREFUSED");
});
