import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import type { StateStore } from "../ports/state-store.js";
import { openStateRepository } from "./state-repository.js";

/** A store that says when it fails; what it was given last is what a restart finds. */
function createStore() {
  const store = {
    saved: undefined as Uint8Array | undefined,
    fails: false,
    closed: false,
    load: async () => store.saved,
    save: async (record: Uint8Array) => {
      await Promise.resolve();
      if (store.fails)
        throw new CarryoverError("diskError", "the disk is full");
      store.saved = record;
    },
    close: async () => {
      store.closed = true;
    },
  };
  return store satisfies StateStore;
}

const add = (id: string) => (draft: { backupInstallations: string[] }) =>
  draft.backupInstallations.push(id);

test("a change is saved before it is seen, and found again after a restart", async () => {
  const store = createStore();
  const repository = await openStateRepository(store);
  await repository.update(add("a"));
  expect(repository.current().backupInstallations).toEqual(["a"]);
  const restarted = await openStateRepository(store);
  expect(restarted.current().backupInstallations).toEqual(["a"]);
});

test("a change that cannot be saved did not happen, and the next one works", async () => {
  const store = createStore();
  const repository = await openStateRepository(store);
  store.fails = true;
  await expect(repository.update(add("lost") as never)).rejects.toMatchObject({
    code: "diskError",
  });
  expect(repository.current().backupInstallations).toEqual([]);
  store.fails = false;
  await repository.update(add("kept"));
  expect(repository.current().backupInstallations).toEqual(["kept"]);
});

test("a change that throws half-way leaves nothing", async () => {
  const repository = await openStateRepository(createStore());
  await expect(
    repository.update((draft) => {
      draft.backupInstallations.push("half" as never);
      throw new Error("a bug");
    }),
  ).rejects.toThrow("a bug");
  expect(repository.current().backupInstallations).toEqual([]);
});

test("changes made at once are all kept, in their order", async () => {
  const repository = await openStateRepository(createStore());
  const ids = Array.from({ length: 50 }, (_, index) => `i${index}`);
  await Promise.all(ids.map((id) => repository.update(add(id) as never)));
  expect(repository.current().backupInstallations).toEqual(ids);
});

test("closing waits for the changes under way, then lets go of the store", async () => {
  const store = createStore();
  const repository = await openStateRepository(store);
  const change = repository.update(add("last"));
  await repository.close();
  await change;
  expect(store.closed).toBe(true);
  expect(
    (await openStateRepository(store)).current().backupInstallations,
  ).toEqual(["last"]);
});
