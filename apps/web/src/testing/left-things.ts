import { waitFor } from "@carryover/testkit";
import { nothing, type Tab } from "./open-page.js";

/** Runs in the page: leaves what a crash or another version could have left, and something of another page. */
export async function leaveThings(): Promise<void> {
  const id = "ab".repeat(32);
  const root = await navigator.storage.getDirectory();
  const own = await root.getDirectoryHandle("carryover", { create: true });
  await own.getDirectoryHandle(id, { create: true });
  await own.getDirectoryHandle("of-another-version", { create: true });
  const notes = await own.getDirectoryHandle("notes", { create: true });
  await notes.getFileHandle(`answered-${id}`, { create: true });
  await root.getFileHandle("of another page", { create: true });
  for (const name of [`carryover-${id}`, "of another page"])
    await new Promise((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => {
        request.result.close();
        resolve(undefined);
      };
    });
  await caches.open("carryover-cache");
  sessionStorage.setItem("note", "left");
}

/** Runs in the page: what the other page would do. */
export async function removeThings(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("of another page");
  await new Promise((resolve) => {
    indexedDB.deleteDatabase("of another page").onsuccess = resolve;
  });
}

/** What `keptBy` finds once everything but that is cleared. */
export const ofAnotherPage = {
  ...nothing,
  files: ["/of another page"],
  databases: ["of another page"],
};

/**
 * From now on the browser takes as long as is looked with every file that the page removes.
 *
 * @returns `refuse` waits until it is asked for some, and refuses them; `end` does so too, and removes again what it is asked
 *   for then
 */
export async function holdRemovals({ page }: Tab): Promise<{
  refuse(): Promise<void>;
  end(): Promise<void>;
}> {
  const held = await page.evaluateHandle(() => {
    const { prototype } = FileSystemDirectoryHandle;
    const real = Object.getOwnPropertyDescriptor(prototype, "removeEntry");
    const refusals: (() => void)[] = [];
    prototype.removeEntry = () =>
      new Promise((_resolve, reject) => {
        refusals.push(() =>
          reject(new DOMException("refused", "NoModificationAllowedError")),
        );
      });
    const refuse = () => {
      const asked = refusals.splice(0);
      for (const each of asked) each();
      return asked.length > 0;
    };
    const letGo = () => {
      Object.defineProperty(prototype, "removeEntry", real ?? {});
    };
    return { refuse, letGo };
  });
  const refuse = () =>
    waitFor("something to be removed", () =>
      held.evaluate((removals) => removals.refuse()),
    );
  return {
    refuse: async () => {
      await refuse();
    },
    end: async () => {
      await held.evaluate((removals) => removals.letGo());
      await refuse();
    },
  };
}
