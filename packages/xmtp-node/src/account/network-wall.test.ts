import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { maxJudgedBytes, type Reach } from "@carryover/xmtp-shared";
import { afterEach, expect, test } from "vitest";
import { openNetworkWall } from "./network-wall.js";

const mls = (method: string) => `/xmtp.mls.api.v1.MlsApi/${method}`;
const query = mls("QueryGroupMessages");
const subscribe = mls("SubscribeGroupMessages");
const sendMessages = mls("SendGroupMessages");
const deniedCode = "7";
const unavailable = "14";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Node {
  url: string;
  /** Paths that arrived. */
  calls: string[];
  stop(): Promise<void>;
}

/** Something that listens where a node would. */
async function startNode(
  answer: (stream: ServerHttp2Stream, body: Buffer) => void,
  atPort = 0,
): Promise<Node> {
  const server: Http2Server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  const calls: string[] = [];
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => undefined);
  });
  server.on("stream", (stream, headers) => {
    calls.push(String(headers[":path"]));
    stream.on("error", () => undefined);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => answer(stream, Buffer.concat(chunks)));
  });
  server.listen(atPort, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  closing.push(stop);
  return { url: `http://127.0.0.1:${port}`, calls, stop };
}

/** As gRPC answers: a message, then how it ended. */
function grpcAnswer(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "x-node": "yes" },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () =>
    stream.sendTrailers({ "grpc-status": "0", "x-trailer": "there" }),
  );
  stream.end(Buffer.concat([Buffer.from("answer to "), body]));
}

async function openWall(url: string, reach: Partial<Reach> = {}) {
  const wall = await openNetworkWall(url, {
    keyPackage: "refused",
    mayWriteTo: () => false,
    otherwise: "error",
    ...reach,
  });
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await wall.close();
  };
  closing.push(close);
  const session = connect(wall.url);
  session.on("error", () => undefined);
  closing.push(() => session.destroy());
  return { ...wall, close, session };
}

function start(session: ClientHttp2Session, path: string) {
  const call = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  call.on("error", () => undefined);
  return call;
}

interface Answer {
  headers: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders;
  body: string;
}

async function answerOf(call: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  call.on("response", (received) => (headers = received));
  call.on("trailers", (received: IncomingHttpHeaders) => (trailers = received));
  const chunks: Buffer[] = [];
  call.on("data", (chunk: Buffer) => chunks.push(chunk));
  call.on("error", () => undefined);
  await new Promise<void>((resolve) => call.once("close", () => resolve()));
  return { headers, trailers, body: Buffer.concat(chunks).toString() };
}

const ask = (
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array | string = "question",
) => answerOf(start(session, path).end(body));

/** `SendGroupMessages` into one group with an id of 16 bytes. */
function sendInto(groupId: string): Uint8Array {
  const data = [0, 1, 0, 2, 16, ...Buffer.from(groupId, "hex"), 1];
  const message = [
    10,
    data.length + 4,
    10,
    data.length + 2,
    10,
    data.length,
    ...data,
  ];
  return Uint8Array.of(0, 0, 0, 0, message.length, ...message);
}

const own = "ab".repeat(16);

test("what reads passes whole, with its headers and trailers", async () => {
  const node = await startNode(grpcAnswer);
  const { session } = await openWall(node.url);
  expect(await ask(session, query)).toMatchObject({
    headers: { ":status": 200, "x-node": "yes" },
    trailers: { "grpc-status": "0", "x-trailer": "there" },
    body: "answer to question",
  });
});

test("an answer that is only its end passes too", async () => {
  const node = await startNode((stream) =>
    stream.respond(
      { ":status": 200, "grpc-status": "5", "grpc-message": "none" },
      { endStream: true },
    ),
  );
  const { session } = await openWall(node.url);
  expect((await ask(session, query)).headers).toMatchObject({
    "grpc-status": "5",
    "grpc-message": "none",
  });
});

test("a stream passes as it comes, and not at its end", async () => {
  let push: ((text: string) => void) | undefined;
  const node = await startNode((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("first");
    push = (text) => stream.end(text);
  });
  const { session } = await openWall(node.url);
  const call = start(session, subscribe).end();
  const [first] = (await once(call, "data")) as [Buffer];
  expect(first.toString()).toBe("first");
  const next = once(call, "data");
  push?.("second");
  expect(String((await next)[0])).toBe("second");
});

test.each([
  mls("SendWelcomeMessages"),
  mls("UploadKeyPackage"),
  "/xmtp.identity.api.v1.IdentityApi/PublishIdentityUpdate",
  "/anything.else/AtAll",
])("%s is refused, and the node never hears of it", async (path) => {
  const node = await startNode(grpcAnswer);
  const { session } = await openWall(node.url);
  expect((await ask(session, path)).headers["grpc-status"]).toBe(deniedCode);
  expect(node.calls).toEqual([]);
});

test("messages pass into groups that are allowed, byte by byte the same, and into no others", async () => {
  const received: string[] = [];
  const node = await startNode((stream, body) => {
    received.push(body.toString("hex"));
    grpcAnswer(stream, Buffer.from("it"));
  });
  const { session } = await openWall(node.url, {
    mayWriteTo: (id) => id === own,
  });
  const body = sendInto(own);
  expect((await ask(session, sendMessages, body)).body).toBe("answer to it");
  const refused = await ask(session, sendMessages, sendInto("cd".repeat(16)));
  expect(refused.headers["grpc-status"]).toBe(deniedCode);
  expect(received).toEqual([Buffer.from(body).toString("hex")]);
});

test("what is swallowed is answered as if it had been sent, with an empty message", async () => {
  const node = await startNode(grpcAnswer);
  const { session } = await openWall(node.url, { otherwise: "success" });
  const { headers, trailers, body } = await ask(
    session,
    sendMessages,
    sendInto(own),
  );
  expect(headers[":status"]).toBe(200);
  expect(trailers["grpc-status"]).toBe("0");
  expect(body).toBe("\0".repeat(5));
  expect(node.calls).toEqual([]);
});

test("a call that is too large is refused in words, and what comes after it is served", async () => {
  const node = await startNode(grpcAnswer);
  const { session } = await openWall(node.url, { mayWriteTo: () => true });
  const call = start(session, sendMessages);
  const answer = answerOf(call);
  const chunk = Buffer.alloc(1024 * 1024);
  for (
    let sent = 0;
    sent <= maxJudgedBytes && !call.destroyed;
    sent += chunk.length
  )
    await new Promise<void>((resolve) => call.write(chunk, () => resolve()));
  call.end();
  expect((await answer).headers["grpc-status"]).toBe(deniedCode);
  expect(node.calls).toEqual([]);
  expect((await ask(session, query)).trailers["grpc-status"]).toBe("0");
});

test("a client that goes away in the middle takes its call at the node with it, and nothing else", async () => {
  const closed: Promise<unknown>[] = [];
  const node = await startNode((stream) => {
    closed.push(once(stream, "close"));
    stream.respond({ ":status": 200 });
    stream.write("first");
  });
  const { session, url } = await openWall(node.url);
  const call = start(session, subscribe).end();
  await once(call, "data");
  const another = connect(url);
  closing.push(() => another.destroy());
  const cut = start(another, sendMessages);
  cut.on("error", () => undefined);
  cut.write(sendInto(own).subarray(0, 9));
  await once(another, "connect");
  another.destroy();
  call.close();
  await Promise.all(closed);
  expect(closed).toHaveLength(1);
  const again = start(session, subscribe).end();
  await once(again, "data");
});

test("a node that is not there is unavailable, and is found again when it comes back", async () => {
  const gone = await startNode(grpcAnswer);
  const { session } = await openWall(gone.url);
  await ask(session, query);
  await gone.stop();
  expect((await ask(session, query)).headers["grpc-status"]).toBe(unavailable);
  await startNode(
    (stream) => grpcAnswer(stream, Buffer.from("again")),
    Number(new URL(gone.url).port),
  );
  expect((await ask(session, query)).body).toBe("answer to again");
});

test("a node that goes away in the middle of an answer does not leave a client waiting", async () => {
  const node = await startNode((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("first");
  });
  const { session } = await openWall(node.url);
  const call = start(session, subscribe).end();
  const answer = answerOf(call);
  await once(call, "data");
  await node.stop();
  await answer;
  expect(call.rstCode).not.toBe(0);
});

test("a node that cancels before it answers is unavailable", async () => {
  const cancel = 8;
  const node = await startNode((stream) => stream.close(cancel));
  const { session } = await openWall(node.url);
  expect((await ask(session, query)).headers["grpc-status"]).toBe(unavailable);
});

test("an address that is none stops its calls, and not the process", async () => {
  const { session } = await openWall("gopher://127.0.0.1:1");
  expect((await ask(session, query)).headers["grpc-status"]).toBe(unavailable);
});

test("a closed wall answers nobody", async () => {
  const node = await startNode(grpcAnswer);
  const { session, url, close } = await openWall(node.url);
  await ask(session, query);
  await close();
  const late = connect(url);
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});
