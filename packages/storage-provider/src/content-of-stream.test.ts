import { createHash, randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { BlobStore } from "./blob-store.js";
import { contentOfStream } from "./content-of-stream.js";
import { createDirectoryStore } from "./directory-store.js";
import { createS3Client, type S3Client } from "./s3-client.js";
import {
  afterTest,
  startProvider,
  store,
  temporaryDirectory,
  until,
} from "./testing/provider-fixture.js";
import { rawClient } from "./testing/raw-client.js";

const file = randomBytes(1_000_000);

/** An object store that answers every request so: no real one does it when asked to. */
async function objectStore(
  answer: (response: ServerResponse) => void,
): Promise<S3Client> {
  const server = createServer((_request, response) => {
    answer(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = createS3Client({
    endpoint: `http://127.0.0.1:${port}`,
    bucket: "bucket",
    region: "us-east-1",
    accessKeyId: "key",
    secretAccessKey: "secret",
  });
  afterTest(async () => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

/** A real store, whose files come by way of the object store. */
async function storeOver(client: S3Client): Promise<BlobStore> {
  const directory = await temporaryDirectory();
  const kept = await createDirectoryStore({ directory });
  return {
    ...kept,
    async open(id) {
      const blob = await kept.open(id);
      if (blob === undefined) return undefined;
      return {
        ...blob,
        async content(range) {
          await blob.close();
          const stream = await client.stream("key", range);
          if (stream === undefined) throw new Error("it is there");
          return contentOfStream(stream, range.last - range.first + 1);
        },
      };
    },
  };
}

test.each<readonly [string, (response: ServerResponse) => void]>([
  [
    "cut by a lost connection",
    (response) => {
      response.writeHead(206, { "content-length": file.byteLength });
      response.write(file.subarray(0, 600_000), () => {
        response.destroy();
      });
    },
  ],
  [
    "ended too early, as if that were all",
    (response) => {
      response.writeHead(206);
      response.end(file.subarray(0, 600_000));
    },
  ],
  [
    "longer than it is",
    (response) => {
      response.writeHead(206);
      response.write(file, () => {
        response.end(file);
      });
    },
  ],
])(
  "a file that the object store gives %s is seen to be cut",
  async (_what, answer) => {
    const directory = await storeOver(await objectStore(answer));
    const { provider } = await startProvider({ directory });
    const stored = await store(provider.url, file);
    const { pathname } = new URL(stored.downloadUrl);
    const client = await rawClient(provider.url);
    client.send(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(2));
    const text = await client.closed();
    const [head = "", ...rest] = text.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head).toContain(`content-length: ${file.byteLength}`);
    const body = Buffer.from(rest.join("\r\n\r\n"), "latin1");
    // Fewer than announced, and nothing of another answer among them.
    expect(body.byteLength).toBeLessThan(file.byteLength);
    expect(body.equals(file.subarray(0, body.byteLength))).toBe(true);
    await until(
      "both are recorded",
      () =>
        provider.requests.filter(({ method }) => method === "GET").length === 2,
    );
  },
);

test.each([
  ["the whole file for a range", 200, file.byteLength],
  ["a part for the whole", 206, 10],
])("%s is no answer", async (_what, status, length) => {
  const client = await objectStore((response) => {
    response.writeHead(status, { "content-length": length });
    response.end(file.subarray(0, length));
  });
  const range =
    status === 200
      ? { first: 5, last: 9 }
      : { first: 0, last: file.byteLength - 1 };
  await expect(client.stream("key", range)).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
  });
});

test("the whole file answered as such is taken for it", async () => {
  const client = await objectStore((response) => {
    response.end(file);
  });
  const stream = await client.stream("key", {
    first: 0,
    last: file.byteLength - 1,
  });
  const hash = createHash("sha256");
  for await (const chunk of stream ?? []) hash.update(chunk as Buffer);
  expect(hash.digest("hex")).toBe(
    createHash("sha256").update(file).digest("hex"),
  );
});
