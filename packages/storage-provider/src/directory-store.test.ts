import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createDirectoryStore,
  type DirectoryStoreOptions,
} from "./directory-store.js";
import { gatheredFileBytes } from "./incoming-file.js";
import {
  blobStoreContract,
  factsOf,
  newId,
  put,
} from "./testing/blob-store-contract.js";
import { afterTest, temporaryDirectory } from "./testing/provider-fixture.js";

async function openStore(options: Partial<DirectoryStoreOptions> = {}) {
  const directory = options.directory ?? (await temporaryDirectory());
  const store = await createDirectoryStore({ ...options, directory });
  afterTest(() => store.close());
  return { directory, store };
}

blobStoreContract(
  "a directory",
  async () => (await openStore()).store,
  gatheredFileBytes,
  150,
);

test("what a crash left is swept at the start, finished files are found", async () => {
  const { directory, store } = await openStore();
  const [id, bytes] = [newId(), randomBytes(1_000)];
  await put(store, id, bytes, factsOf(bytes, 1));
  await store.close();
  writeFileSync(join(directory, "incoming", "older"), "x");
  mkdirSync(join(directory, "incoming", "odd"));
  const again = await openStore({ directory });
  expect(readdirSync(join(directory, "incoming"))).toEqual([]);
  expect((await again.store.find(id))?.state).toBe("stored");
  expect(again.store.usedBytes()).toBe(1_000);
});

test("two instances cannot share a directory", async () => {
  const { directory, store } = await openStore();
  await expect(createDirectoryStore({ directory })).rejects.toMatchObject({
    code: "directory-unusable",
    message: "another running instance uses this directory",
  });
  await store.close();
  await openStore({ directory });
});

test("a directory with a path too long for a socket is locked as well", async () => {
  const directory = join(
    await temporaryDirectory(),
    "d".repeat(120),
    "e".repeat(120),
  );
  await openStore({ directory });
  await expect(createDirectoryStore({ directory })).rejects.toMatchObject({
    code: "directory-unusable",
  });
});

test("an open directory is made private", async () => {
  const directory = await temporaryDirectory();
  chmodSync(directory, 0o755);
  await openStore({ directory });
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test.each(["a file", "a path through a file"])(
  "%s is no directory",
  async (what) => {
    const file = join(await temporaryDirectory(), "file");
    await writeFile(file, "x");
    await expect(
      createDirectoryStore({
        directory: what === "a file" ? file : join(file, "deeper"),
      }),
    ).rejects.toMatchObject({ code: "directory-unusable" });
  },
);

test("a file cut or altered in its facts is not given out, and its name stays taken", async () => {
  const { directory, store } = await openStore();
  const [id, bytes] = [newId(), randomBytes(1_000)];
  await put(store, id, bytes, factsOf(bytes, Date.now()));
  const path = join(directory, "blobs", id);
  const whole = await readFile(path);
  for (const length of [0, 1, 127, 128, 999, 1_000, 1_127]) {
    truncateSync(path, length);
    expect(await store.find(id)).toBeUndefined();
    expect(await store.open(id)).toBeUndefined();
    await writeFile(path, whole);
  }
  for (let at = 1_000; at < 1_128; at += 1) {
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] ?? 0) ^ 1;
    await writeFile(path, altered);
    expect(await store.find(id)).toBeUndefined();
  }
  expect(await put(store, id, bytes, factsOf(bytes, 1))).toBe("taken");
});

test("files that are not ours are left alone", async () => {
  const { directory, store } = await openStore();
  const odd = join(directory, "blobs", "README");
  await writeFile(odd, "x");
  await store.close();
  const again = await openStore({ directory });
  await again.store.purge(Number.MAX_SAFE_INTEGER);
  expect(existsSync(odd)).toBe(true);
});

test("after a restart a purge knows what is due, and keeps the name of a damaged file for a while", async () => {
  const { directory, store } = await openStore();
  const bytes = randomBytes(1_000);
  const now = Date.now();
  const [due, kept, damaged] = [newId(), newId(), newId()];
  await put(store, due, bytes, factsOf(bytes, now - 7_200_000));
  await put(store, kept, bytes, factsOf(bytes, now));
  await put(store, damaged, bytes, factsOf(bytes, now - 7_200_000));
  truncateSync(join(directory, "blobs", damaged), 500);
  await store.close();
  const again = await openStore({ directory });
  expect(await again.store.purge(now)).toEqual({
    removed: 1,
    freedBytes: 1_000,
  });
  expect(readdirSync(join(directory, "blobs")).toSorted()).toEqual(
    [kept, damaged].toSorted(),
  );
  const inFourDays = now + 96 * 3_600_000;
  expect((await again.store.purge(inFourDays)).removed).toBe(2);
  expect(again.store.usedBytes()).toBe(0);
});

test("a file that somebody removed by hand is forgotten, those of a directory that is away are not", async () => {
  const { directory, store } = await openStore();
  const bytes = randomBytes(1_000);
  const [gone, kept] = [newId(), newId()];
  for (const id of [gone, kept]) await put(store, id, bytes, factsOf(bytes, 0));
  unlinkSync(join(directory, "blobs", gone));
  const away = `${directory}-away`;
  renameSync(directory, away);
  await expect(store.purge(7_200_000)).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(store.usedBytes()).toBe(2_000);
  renameSync(away, directory);
  expect((await store.purge(7_200_000)).removed).toBe(1);
  expect(store.usedBytes()).toBe(0);
});

test("the space set aside counts stored files and those under way", async () => {
  const { store } = await openStore({ maxTotalBytes: 1_000 });
  const bytes = randomBytes(400);
  const [first, second] = [newId(), newId()];
  expect(await put(store, first, bytes, factsOf(bytes, 0))).toBe("created");
  const writer = await store.create(second, bytes.byteLength);
  await writer.write(bytes);
  await expect(
    put(store, newId(), bytes, factsOf(bytes, 0)),
  ).rejects.toMatchObject({ code: "full" });
  await writer.abort();
  expect(await put(store, second, bytes, factsOf(bytes, 0))).toBe("created");
  await expect(
    put(store, newId(), bytes, factsOf(bytes, 0)),
  ).rejects.toMatchObject({ code: "full" });
  await store.withdraw(first, 1);
  expect(await put(store, newId(), bytes, factsOf(bytes, 0))).toBe("created");
});

test("a directory that goes away is told as unavailable, and found again without a restart", async () => {
  const { directory, store } = await openStore();
  const [id, bytes] = [newId(), randomBytes(1_000)];
  await put(store, id, bytes, factsOf(bytes, Date.now()));
  const away = `${directory}-away`;
  renameSync(directory, away);
  await expect(store.probe()).rejects.toMatchObject({ code: "unavailable" });
  await expect(store.find(id)).rejects.toMatchObject({ code: "unavailable" });
  await expect(store.open(id)).rejects.toMatchObject({ code: "unavailable" });
  await expect(
    put(store, newId(), bytes, factsOf(bytes, 0)),
  ).rejects.toMatchObject({
    code: "unavailable",
  });
  renameSync(away, directory);
  await store.probe();
  expect((await store.find(id))?.state).toBe("stored");
});
