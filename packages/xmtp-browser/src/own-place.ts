import {
  CarryoverError,
  type RandomBytes,
  type Scratch,
  type StateStore,
} from "@carryover/client";
import {
  filesDirectory,
  installationOfDatabase,
  isInstallationId,
  namesOf,
  notesDirectory,
} from "./names.js";
import {
  createOwnKeys,
  deleteOwnDatabase,
  openOwnDatabase,
} from "./own-database.js";
import { type HeldLock, takeLock } from "./own-lock.js";
import { createMemoryFiles } from "./private-files/memory-files.js";
import { openPartFiles, type PartFiles } from "./private-files/part-files.js";
import { clearJournal } from "./account/journal.js";
import {
  listFilesDirectory,
  removeFromFilesDirectory,
} from "./private-files/files-directory.js";
import { createScratch } from "./scratch.js";
import { createStateStore } from "./state-store.js";

/** Where everything of Carryover's own lies for one installation. */
export interface OwnPlace {
  readonly stateStore: StateStore;
  readonly scratch: Scratch;
  /** Files that wait to be sent. Nothing of them outlives a call. */
  readonly uploads: PartFiles;
  readonly uploadKey: CryptoKey;
  /** Removes all of it. To be called when the state store is closed. */
  remove(): Promise<void>;
}

/** Whether the records outlive the page. */
export type Keeping = "untilCleared" | "inMemory";

/**
 * Opens the place, for this tab alone, and sweeps what a closed tab has left of uploads.
 *
 * @throws {CarryoverError} `stateLocked`, `diskError`, `invalidOption`
 */
export async function openOwnPlace(
  installationId: string,
  keeping: Keeping,
  randomBytes: RandomBytes,
): Promise<OwnPlace> {
  const names = namesOf(installationId);
  const lock = await takeLock(names.lock);
  if (lock === undefined)
    throw new CarryoverError(
      "stateLocked",
      "another tab works with the records of this installation",
    );
  try {
    return keeping === "inMemory"
      ? await openInMemory(installationId, randomBytes, lock)
      : await openKept(installationId, randomBytes, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openKept(
  installationId: string,
  randomBytes: RandomBytes,
  lock: HeldLock,
): Promise<OwnPlace> {
  const { database: name, directory } = namesOf(installationId);
  const database = await openOwnDatabase(name);
  try {
    const files = async (part: string) =>
      (await openPartFiles([filesDirectory, directory, part])) ??
      createMemoryFiles();
    const uploads = await files("uploads");
    for (const left of await uploads.names()) await uploads.remove(left);
    return {
      scratch: createScratch(await files("scratch")),
      uploads,
      uploadKey: database.keys.upload,
      stateStore: createStateStore(database, {
        key: database.keys.seal,
        installationId,
        randomBytes,
        close: async () => {
          database.close();
          await lock.release();
        },
      }),
      remove: () => removeKept(installationId),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function openInMemory(
  installationId: string,
  randomBytes: RandomBytes,
  lock: HeldLock,
): Promise<OwnPlace> {
  const keys = await createOwnKeys();
  let sealed: Uint8Array | undefined;
  const scratchFiles = createMemoryFiles();
  const uploads = createMemoryFiles();
  return {
    scratch: createScratch(scratchFiles),
    uploads,
    uploadKey: keys.upload,
    stateStore: createStateStore(
      {
        load: async () => sealed,
        save: async (next) => {
          sealed = next;
        },
      },
      {
        key: keys.seal,
        installationId,
        randomBytes,
        close: () => lock.release(),
      },
    ),
    remove: async () => {
      sealed = undefined;
      await scratchFiles.removeAll();
      await uploads.removeAll();
    },
  };
}

async function removeKept(installationId: string): Promise<void> {
  const { database, directory } = namesOf(installationId);
  await deleteOwnDatabase(database);
  await removeFromFilesDirectory(directory);
}

/**
 * Removes everything of Carryover's own that no tab works with: records, keys and files, of every installation, and notes of
 * refreshes that were cut off. To be called when a page is opened that keeps nothing, for what a closed tab or a crash has
 * left, and when a person wants it gone. The SDK's database is none of it.
 *
 * @param options.unfinishedFiles - whether the notes are removed, too, that `fetchUnfinishedBackupAccountFiles` reads: ids of
 * installations and inboxes. `removed` unless told
 * @returns how many installations' records another tab has open and are still there
 * @throws {CarryoverError} `diskError`, `invalidOption`
 */
export async function clearCarryoverStorage({
  unfinishedFiles = "removed",
}: { unfinishedFiles?: "kept" | "removed" } = {}): Promise<{ inUse: number }> {
  const databases = (await indexedDB.databases()).map(({ name }) =>
    installationOfDatabase(name ?? ""),
  );
  const directories = await listFilesDirectory();
  const found = new Set(
    [...databases, ...directories].filter(
      (id) => id !== undefined && isInstallationId(id),
    ),
  ) as Set<string>;
  await clearJournal(unfinishedFiles);
  // Of another version, which called it otherwise.
  for (const name of directories)
    if (!isInstallationId(name) && name !== notesDirectory)
      await removeFromFilesDirectory(name);
  let inUse = 0;
  for (const installationId of found) {
    const lock = await takeLock(namesOf(installationId).lock);
    if (lock === undefined) {
      inUse += 1;
      continue;
    }
    try {
      await removeKept(installationId);
    } finally {
      await lock.release();
    }
  }
  return { inUse };
}
