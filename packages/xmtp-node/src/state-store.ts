import { constants } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CarryoverError, type StateStore } from "@carryover/client";
import { onDisk, unlessMissing } from "./on-disk.js";
import { makePrivateDirectory } from "./private-directory.js";
import { takeProcessLock } from "./process-lock.js";
import { replaceFile } from "./replace-file.js";
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

const names = { file: "state", next: "state-next" } as const;

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
        readWhole(join(directory, names.file)),
      );
      return sealed && cipher.open(sealed);
    },
    save: (record) => {
      // One after the other: the last to be called is what stays.
      const saving = lastSave.then(async () => {
        assertOpen();
        await onDisk("the records could not be written", () =>
          replaceFile(directory, names, cipher.seal(record)),
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
  const file = await unlessMissing(
    open(path, constants.O_RDONLY | constants.O_NOFOLLOW),
  );
  if (file === undefined) return undefined;
  try {
    if ((await file.stat()).size > maxFileBytes)
      throw new CarryoverError("stateUnreadable", "the records are too large");
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name === names.next || name.startsWith("lock-aside-"))
      await rm(join(directory, name), { force: true });
}
