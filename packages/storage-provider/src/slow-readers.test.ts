import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchConnections } from "./connections.js";
import { createDirectoryStore } from "./directory-store.js";
import { cutSlowReaders } from "./slow-readers.js";
import type { StorageProviderOptions } from "./storage-provider-options.js";
import {
  afterTest,
  startProvider,
  store,
  temporaryDirectory,
  until,
} from "./testing/provider-fixture.js";
import { rawClient, type RawClient } from "./testing/raw-client.js";

const idleMs = 1_000;
// More than the systems of both sides hold of a connection.
const size = 10_000_000;
const largeSize = 40_000_000;

/** Asks for a file. */
async function download(
  bytes: number,
  options: Partial<StorageProviderOptions> = {},
) {
  const { provider } = await startProvider({
    idleTimeoutMs: idleMs,
    ...options,
  });
  const stored = await store(provider.url, randomBytes(bytes));
  const client = await rawClient(provider.url);
  const { pathname, host } = new URL(stored.downloadUrl);
  client.send(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  const isOver = () => provider.requests.some(({ method }) => method === "GET");
  return { client, isOver, sha256: stored.sha256 };
}

/** @returns what makes it take nothing more */
function takeSlowly({ socket }: RawClient, bytesPerSecond: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  socket.on("data", (chunk: Buffer) => {
    socket.pause();
    timer = setTimeout(
      () => socket.resume(),
      (chunk.byteLength * 1_000) / bytesPerSecond,
    );
  });
  return () => {
    clearTimeout(timer);
    socket.pause();
  };
}

function bodyOf(client: RawClient): Buffer {
  const text = client.received();
  return Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4), "latin1");
}

test("a reader that takes a little all the time gets its file, though its socket has room only now and then", async () => {
  const { client, sha256 } = await download(size);
  // Linux tells of room every two seconds or so at this pace.
  takeSlowly(client, 500_000);
  await until("the file has ended", () => client.socket.closed, 50_000);
  const body = bodyOf(client);
  expect(body.byteLength).toBe(size);
  expect(createHash("sha256").update(body).digest("hex")).toBe(sha256);
});

test("a reader that stops is cut when it has been silent for as long as it may", async () => {
  const { client, isOver } = await download(largeSize);
  const stop = takeSlowly(client, 4_000_000);
  await until("some has come", () => client.received().length > 1_000_000);
  stop();
  const stoppedAtMs = performance.now();
  // A machine with much to do looks late.
  await until("it is cut", isOver, idleMs * 10);
  expect(performance.now() - stoppedAtMs).toBeGreaterThan(idleMs * 0.7);
});

test("a reader that takes less than the least is cut, though it goes on", async () => {
  const { client, isOver } = await download(largeSize, {
    minDownloadBytesPerSecond: 2_000_000,
  });
  takeSlowly(client, 500_000);
  await until("it is cut", isOver, 10_000);
  // What the systems hold still comes.
  client.socket.removeAllListeners("data").on("data", () => undefined);
  client.socket.resume();
  await client.closed();
  expect(client.socket.bytesRead).toBeLessThan(largeSize);
});

test("a client whose answer takes longer than it may be silent gets it", async () => {
  const kept = await createDirectoryStore({
    directory: await temporaryDirectory(),
  });
  const { provider } = await startProvider({
    idleTimeoutMs: 200,
    directory: {
      ...kept,
      open: async (id) => {
        await delay(1_000);
        return await kept.open(id);
      },
    },
  });
  const { downloadUrl } = await store(provider.url, Buffer.from("kept"));
  const client = await rawClient(provider.url);
  const { pathname, host } = new URL(downloadUrl);
  client.send(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await client.receive("kept");
});

test("where the system says nothing, a reader that stops is cut all the same", async () => {
  const server = createServer((_request, response) => {
    response.end(Buffer.alloc(size * 2));
  });
  const connections = watchConnections(server);
  cutSlowReaders(server, connections, { idleMs, minBytesPerSecond: 0 }, () =>
    Promise.resolve({ of: () => undefined }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterTest(async () => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = await rawClient(`http://127.0.0.1:${port}`);
  client.socket.pause();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const open = () => [...connections.sockets()].length;
  await until("it is there", () => open() === 1);
  await until("it is cut", () => open() === 0, 10_000);
});
