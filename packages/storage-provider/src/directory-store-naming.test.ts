import { readdirSync } from "node:fs";
import type * as disks from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createDirectoryStore } from "./directory-store.js";
import { factsOf, newId, put } from "./testing/blob-store-contract.js";
import { afterTest, temporaryDirectory } from "./testing/provider-fixture.js";

/** When the disk says that a file has its name, or has lost it: that is so before. */
const disk = vi.hoisted(() => ({
  afterLink: (): Promise<void> => Promise.resolve(),
  afterUnlink: (): Promise<void> => Promise.resolve(),
}));
vi.mock("node:fs/promises", async (importReal) => {
  const real = await importReal<typeof disks>();
  return {
    ...real,
    link: async (path: string, name: string) => {
      await real.link(path, name);
      await disk.afterLink();
    },
    unlink: async (name: string) => {
      await real.unlink(name);
      await disk.afterUnlink();
    },
  };
});
const atOnce = () => Promise.resolve();
afterEach(() => {
  Object.assign(disk, { afterLink: atOnce, afterUnlink: atOnce });
});

/** The disk does the next one, and says so when it is told to. */
function hold(after: keyof typeof disk): () => void {
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  disk[after] = () => {
    disk[after] = atOnce;
    return told;
  };
  return tell;
}

async function openStore() {
  const directory = await temporaryDirectory();
  const store = await createDirectoryStore({ directory });
  afterTest(() => store.close());
  const names = () => readdirSync(join(directory, "blobs"));
  /** A file that is on the disk under its name; nobody was told so. */
  const putUntold = async () => {
    const id = newId();
    const bytes = Buffer.from("the first");
    const tell = hold("afterLink");
    const told = put(store, id, bytes, factsOf(bytes, 1));
    await vi.waitFor(() => expect(names()).toHaveLength(1));
    return { id, told, tell };
  };
  return { store, names, putUntold };
}

/** Whether it has ended when everything that needs no disk has. */
async function hasEnded(work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(() => true);
  const turn = new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), 50);
  });
  return await Promise.race([ended, turn]);
}

test("who is told that a name is taken finds the file that has it", async () => {
  const { store, putUntold } = await openStore();
  const { id, told, tell } = await putUntold();
  const bytes = Buffer.from("the second one");
  const second = put(store, id, bytes, factsOf(bytes, 2)).then(
    async (outcome) => ({ outcome, found: await store.find(id) }),
  );
  const asked = store.find(id);
  expect(await hasEnded(asked)).toBe(false);
  tell();
  expect(await told).toBe("created");
  expect(await second).toMatchObject({
    outcome: "taken",
    found: { state: "stored", size: 9 },
  });
  expect(await asked).toMatchObject({ state: "stored", size: 9 });
});

test("a withdrawal while a file gets its name leaves nothing, and frees its space", async () => {
  const { store, putUntold } = await openStore();
  const { id, told, tell } = await putUntold();
  const withdrawn = store.withdraw(id, 10);
  expect(await hasEnded(withdrawn)).toBe(false);
  tell();
  await Promise.all([told, withdrawn]);
  expect(await store.find(id)).toMatchObject({ state: "withdrawn" });
  expect(store.usedBytes()).toBe(0);
});

test("a withdrawal while a file is purged is known afterwards, and purged in its turn", async () => {
  const { store, names } = await openStore();
  const id = newId();
  const bytes = Buffer.from("the first");
  const facts = factsOf(bytes, 1);
  await put(store, id, bytes, facts);
  const tell = hold("afterUnlink");
  const late = facts.ticketExpiresAtMs + facts.expiresAtMs;
  const purged = store.purge(late);
  await vi.waitFor(() => expect(names()).toEqual([]));
  const withdrawn = store.withdraw(id, late + 1);
  expect(await hasEnded(withdrawn)).toBe(false);
  tell();
  await withdrawn;
  expect(await purged).toEqual({ removed: 1, freedBytes: 9 });
  expect(await store.find(id)).toMatchObject({ state: "withdrawn" });
  expect(store.usedBytes()).toBe(0);
  await store.purge(late + 1);
  expect(names()).toEqual([]);
});
