import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CarryoverError } from "@carryover/client";
import { deleteAfterDeath } from "./delete-after-death.js";
import { hasErrorCode } from "../error-code.js";
import { onDisk } from "../on-disk.js";
import { makePrivateDirectory } from "../private-directory.js";
import { type ProcessLock, takeProcessLock } from "../process-lock.js";

/** Private directories for what must not outlive the work: plain databases of dormant installations, above all. */
export interface WorkPlaces {
  /** Makes an empty one. */
  take(): Promise<WorkPlace>;
}

export interface WorkPlace {
  readonly path: string;
  /** Deletes it with everything in it. Can be called again. */
  release(): Promise<void>;
}

const prefix = "carryover-work-";

/** What `mkdtemp` makes of the prefix: nothing else is ever deleted. */
const ownName = new RegExp(`^${prefix}[A-Za-z0-9]{6}$`);

/** What is in a place before anything is put there. */
const lockName = /^lock-/;

/**
 * Makes places under one directory, each of which is deleted when this process dies, and deletes there what processes left
 * that died with the whole machine. Any number of processes may use the same directory.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function createWorkPlaces(directory: string): Promise<WorkPlaces> {
  await makePrivateDirectory(directory);
  await sweep(directory);
  return {
    take: () =>
      onDisk("a temporary place could not be made", () => take(directory)),
  };
}

async function take(directory: string): Promise<WorkPlace> {
  for (;;) {
    const path = await mkdtemp(join(directory, prefix));
    let lock: ProcessLock;
    try {
      lock = await takeProcessLock(path);
    } catch (error) {
      // A sweep of another process came between.
      if (isLocked(error) || hasErrorCode(error, "ENOENT")) continue;
      throw error;
    }
    const letGo = deleteAfterDeath(path);
    let released: Promise<void> | undefined;
    const release = async () => {
      try {
        await rm(path, { recursive: true, force: true });
      } finally {
        letGo();
      }
      void lock;
    };
    return {
      path,
      release: () =>
        (released ??= onDisk(
          "a temporary place could not be deleted",
          release,
        )),
    };
  }
}

async function sweep(directory: string): Promise<void> {
  await onDisk("what a crash left could not be deleted", async () => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isDirectory() || !ownName.test(entry.name)) continue;
      await sweepPlace(join(directory, entry.name));
    }
  });
}

async function sweepPlace(path: string): Promise<void> {
  try {
    const names = await readdir(path);
    // A place has a lock before anything else. What has none is somebody else's, or was made in this moment.
    if (!names.some((name) => lockName.test(name)) && names.length > 0) return;
    await takeProcessLock(path);
  } catch (error) {
    if (isLocked(error)) return;
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
  // Another sweep may write its lock meanwhile.
  await rm(path, {
    recursive: true,
    force: true,
    maxRetries: 8,
    retryDelay: 5,
  });
}

const isLocked = (error: unknown) =>
  error instanceof CarryoverError && error.code === "stateLocked";
