import { constants } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  asCarryoverError,
  CarryoverError,
  type StateStore,
} from "@carryover/client";
import {
  makePrivateDirectory,
  ownerOnlyFile,
  syncDirectory,
} from "./private-directory.js";
import { takeProcessLock } from "./process-lock.js";
import { createStateCipher } from "./state-cipher.js";

/** Where the records are, and what opens them. */
export interface StateStoreOptions {
  /** Belongs to Carryover alone. */
  directory: string;
  /** 32 bytes, the app's own. */
  encryptionKey: Uint8Array;
  /** Whose records these are: those of another installation do not open. */
  installationId: string;
}

const fileName = "state";
const nextName = "state-next";

/** Far more than any number of requests takes. */
const maxFileBytes = 64 * 1024 * 1024;

/**
 * One encrypted file on disk, for this process alone.
 *
 * @throws {CarryoverError} `stateLocked`, `diskError`
 */
export async function createStateStore({
  directory,
  encryptionKey,
  installationId,
}: StateStoreOptions): Promise<StateStore> {
  const cipher = createStateCipher(encryptionKey, installationId);
  await makePrivateDirectory(directory);
  const lock = await onDisk("the records could not be locked", () =>
    takeProcessLock(directory),
  );
  await onDisk("what a crash left could not be removed", () =>
    removeLeftovers(directory),
  );
  let closed = false;
  let lastSave: Promise<unknown> = Promise.resolve();
  const assertOpen = () => {
    if (closed)
      throw new CarryoverError("closed", "the state store was closed");
  };
  return {
    load: async () => {
      assertOpen();
      const sealed = await onDisk("the records could not be read", () =>
        readWhole(join(directory, fileName)),
      );
      return sealed && cipher.open(sealed);
    },
    save: (record) => {
      // One after the other: the last to be called is what stays.
      const saving = lastSave.then(async () => {
        assertOpen();
        await onDisk("the records could not be written", () =>
          replaceFile(directory, cipher.seal(record)),
        );
      });
      lastSave = saving.catch(() => undefined);
      return saving;
    },
    close: async () => {
      await lastSave;
      if (closed) return;
      closed = true;
      await onDisk("the records could not be unlocked", () => lock.release());
    },
  };
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return undefined;
    throw error;
  }
  try {
    if ((await file.stat()).size > maxFileBytes)
      throw new CarryoverError("stateUnreadable", "the records are too large");
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/** The old bytes or the new ones, whole, whenever the process or the power dies. */
async function replaceFile(
  directory: string,
  bytes: Uint8Array,
): Promise<void> {
  const next = join(directory, nextName);
  const file = await open(
    next,
    constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_TRUNC |
      constants.O_NOFOLLOW,
    ownerOnlyFile,
  );
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, join(directory, fileName));
  await syncDirectory(directory);
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name === nextName || name.startsWith("lock-aside-"))
      await rm(join(directory, name), { force: true });
}

async function onDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(error, "diskError", what);
  }
}
