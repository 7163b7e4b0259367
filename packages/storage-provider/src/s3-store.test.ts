import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { createMemoryLimitStore } from "./memory-limit-store.js";
import { createS3Client } from "./s3-client.js";
import { createS3Store } from "./s3-store.js";
import {
  blobStoreContract,
  factsOf,
  newId,
  put,
} from "./testing/blob-store-contract.js";
import { afterTest } from "./testing/provider-fixture.js";
import { withRealObjectStore } from "./testing/real-servers.js";

// The object store is slower than a directory by far.
vi.setConfig({ testTimeout: 180_000 });
const locks = createMemoryLimitStore(() => performance.now());
const partBytes = 5 * 1024 ** 2;

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
    const writer = await store.create(newId());
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
      new Uint8Array(),
    );
    await client.put(`${prefix}data/${id}.${nonce}`, randomBytes(10));
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
