import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import type { BlobStore } from "./blob-store.js";
import { createMemoryLimitStore } from "./memory-limit-store.js";
import { bodyOf, createS3Client } from "./s3-client.js";
import { minPartBytes as partBytes, partBytesFor } from "./s3-parts.js";
import { createS3Store } from "./s3-store.js";
import {
  blobStoreContract,
  factsOf,
  newId,
  put,
} from "./testing/blob-store-contract.js";
import { objectStoreFront } from "./testing/object-store-front.js";
import { afterTest } from "./testing/provider-fixture.js";
import { withRealObjectStore } from "./testing/real-servers.js";
import type { BlobId } from "./ticket.js";

// The object store is slower than a directory by far.
vi.setConfig({ testTimeout: 180_000 });
const locks = createMemoryLimitStore(() => performance.now());

/** Reads a whole file, in pieces. */
async function read(
  store: BlobStore,
  id: BlobId,
  beforePiece?: () => Promise<void>,
): Promise<Buffer> {
  const blob = await store.open(id);
  const content = await blob?.content({ first: 0, last: blob.facts.size - 1 });
  if (content === undefined || Buffer.isBuffer(content)) {
    throw new Error("expected pieces");
  }
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await content.sendTo(sink, beforePiece);
  return Buffer.concat(chunks);
}

await withRealObjectStore(({ location }) => {
  async function openStore(prefix = `${randomBytes(6).toString("hex")}/`) {
    const store = await createS3Store({ ...location, locks, prefix });
    const client = createS3Client(location);
    afterTest(async () => {
      for (const { key } of (await client.list(prefix, undefined)).objects) {
        await client.remove(key);
      }
      client.close();
      await store.close();
    });
    const keys = async () =>
      (await client.list(prefix, undefined)).objects.map(({ key }) =>
        key.slice(prefix.length),
      );
    return { store, prefix, client, keys };
  }

  blobStoreContract("S3", async () => (await openStore()).store, partBytes, 20);

  test("an aborted upload leaves no object and no parts", async () => {
    const { store, keys, client, prefix } = await openStore();
    const writer = await store.create(newId(), 1024 ** 3);
    for (let at = 0; at < 12; at += 1)
      await writer.write(randomBytes(1024 ** 2));
    expect(await client.listMultipart(prefix)).toHaveLength(1);
    await writer.abort();
    expect(await keys()).toEqual([]);
    expect(await client.listMultipart(prefix)).toEqual([]);
  });

  test("a loser of the race for a name leaves nothing", async () => {
    const { store, keys } = await openStore();
    const [id, bytes] = [newId(), randomBytes(100)];
    await put(store, id, bytes, factsOf(bytes, 0));
    const before = await keys();
    expect(before).toHaveLength(3);
    expect(
      await put(store, id, randomBytes(partBytes * 2), factsOf(bytes, 0)),
    ).toBe("taken");
    expect(await keys()).toEqual(before);
  });

  test("what dead instances left is purged: data without a record, and parts after a day", async () => {
    const { store, keys, client, prefix } = await openStore();
    const [id, nonce] = [newId(), "A".repeat(16)];
    await client.put(
      `${prefix}due/000000000000007/${id}.${nonce}`,
      bodyOf(new Uint8Array()),
    );
    await client.put(`${prefix}data/${id}.${nonce}`, bodyOf(randomBytes(10)));
    await client.beginMultipart(`${prefix}data/${newId()}.${nonce}`);
    await store.purge(6);
    expect(await keys()).toHaveLength(2);
    await store.purge(7);
    expect(await keys()).toEqual([]);
    await store.purge(Date.now() + 23 * 3_600_000);
    expect(await client.listMultipart(prefix)).toHaveLength(1);
    await store.purge(Date.now() + 25 * 3_600_000);
    expect(await client.listMultipart(prefix)).toEqual([]);
  });

  test("several stores over one bucket are one store", async () => {
    const { store, prefix } = await openStore();
    const other = (await openStore(prefix)).store;
    const [id, bytes] = [newId(), randomBytes(1_000)];
    const results = await Promise.all([
      put(store, id, bytes, factsOf(bytes, Date.now())),
      put(other, id, bytes, factsOf(bytes, Date.now())),
    ]);
    expect(results.toSorted()).toEqual(["created", "taken"]);
    await other.withdraw(id, Date.now() + 1_000);
    expect((await store.find(id))?.state).toBe("withdrawn");
  });

  test("the space set aside bounds what is stored", async () => {
    const { prefix } = await openStore();
    const store = await createS3Store({
      ...location,
      locks,
      prefix,
      maxTotalBytes: 1_000,
    });
    const bytes = randomBytes(600);
    expect(await put(store, newId(), bytes, factsOf(bytes, 0))).toBe("created");
    await expect(
      put(store, newId(), bytes, factsOf(bytes, 0)),
    ).rejects.toMatchObject({ code: "full" });
    await store.close();
  });

  test("the parts of a file are as large as the most that its ticket admits asks for", async () => {
    const front = await objectStoreFront(location);
    const prefix = `${randomBytes(6).toString("hex")}/`;
    const store = await createS3Store({ ...front.location, locks, prefix });
    afterTest(() => store.close());
    const maxBytes = 8 * 1024 ** 3;
    const part = partBytesFor(maxBytes);
    expect(part).toBeGreaterThan(8_000_000);
    const [id, bytes] = [newId(), randomBytes(part * 2 + 1)];
    const writer = await store.create(id, maxBytes);
    // Larger than a part, and smaller: the parts are of one size all the same.
    await writer.write(bytes.subarray(0, part + 5));
    await writer.write(bytes.subarray(part + 5, part * 2 - 1));
    await writer.write(bytes.subarray(part * 2 - 1));
    expect(await writer.commit(factsOf(bytes, Date.now()))).toBe("created");
    const parts = front.requests.filter(({ url }) =>
      url.includes("partNumber"),
    );
    expect(parts.map((each) => each.bytes)).toEqual([part, part, 1]);
    expect((await read(store, id)).equals(bytes)).toBe(true);
  });

  test("a file whose reader rests for longer than the service may be silent is read to its end", async () => {
    const { prefix, store } = await openStore();
    const patient = await createS3Store({
      ...location,
      locks,
      prefix,
      silenceMs: 500,
    });
    afterTest(() => patient.close());
    const [id, bytes] = [newId(), randomBytes(30_000_000)];
    await put(store, id, bytes, factsOf(bytes, Date.now()));
    let rested = false;
    const received = await read(patient, id, async () => {
      if (rested) return;
      rested = true;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    });
    expect(received.equals(bytes)).toBe(true);
  });

  test("a file whose answers the service cuts or stops is asked for again from there on", async () => {
    const front = await objectStoreFront(location);
    const { prefix, store } = await openStore();
    const other = await createS3Store({
      ...front.location,
      locks,
      prefix,
      silenceMs: 1_000,
    });
    afterTest(() => other.close());
    const [id, bytes] = [newId(), randomBytes(3_000_000)];
    await put(store, id, bytes, factsOf(bytes, Date.now()));
    front.cutAfterBytes.push(1_000_000, 1, 700_001);
    expect((await read(other, id)).equals(bytes)).toBe(true);
    expect(front.cutAfterBytes).toEqual([]);

    const stuck: string[] = [];
    front.intercept = ({ method, url }, response) => {
      if (method !== "GET" || !url.includes("/data/") || stuck.length > 0) {
        return "pass";
      }
      stuck.push(url);
      response.writeHead(206, { "content-length": bytes.byteLength });
      response.write(bytes.subarray(0, 500_000));
      return "answered";
    };
    expect((await read(other, id)).equals(bytes)).toBe(true);
    expect(stuck).toHaveLength(1);
  });

  test("a file of which the service gives no byte any more is given up", async () => {
    const front = await objectStoreFront(location);
    const { prefix, store } = await openStore();
    const other = await createS3Store({ ...front.location, locks, prefix });
    afterTest(() => other.close());
    const [id, bytes] = [newId(), randomBytes(3_000_000)];
    await put(store, id, bytes, factsOf(bytes, Date.now()));
    front.cutAfterBytes.push(1_000_000, ...Array<number>(10).fill(0));
    await expect(read(other, id)).rejects.toThrow();
    expect(front.cutAfterBytes.length).toBeGreaterThan(5);
  });

  test("wrong keys and a service that is not there are unavailable", async () => {
    await expect(
      createS3Store({ ...location, locks, secretAccessKey: "wrong" }),
    ).rejects.toMatchObject({ code: "unavailable" });
    await expect(
      createS3Store({ ...location, locks, endpoint: "http://127.0.0.1:1" }),
    ).rejects.toMatchObject({ code: "unavailable" });
    await expect(
      createS3Store({ ...location, locks, endpoint: "nowhere" }),
    ).rejects.toMatchObject({ code: "settings-invalid" });
  });
});
