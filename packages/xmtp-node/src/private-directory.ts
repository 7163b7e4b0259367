import { chmod, lstat, open } from "node:fs/promises";
import { asCarryoverError, CarryoverError } from "@carryover/client";
import { makeWithParents, ownerOnlyDirectory } from "./make-directory.js";

/** Mode of every file that is written here: its owner reads and writes it, nobody else. */
export const ownerOnlyFile = 0o600;

/**
 * Makes a directory that only its owner can look into, or closes one that is there to everybody else.
 *
 * @throws {CarryoverError} `diskError` when there is something else in its place or it belongs to somebody else
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await makeWithParents(path);
    const facts = await lstat(path);
    if (!facts.isDirectory())
      throw new CarryoverError("diskError", "not a directory");
    if (process.platform === "win32") return;
    if (facts.uid !== process.geteuid?.())
      throw new CarryoverError("diskError", "the directory has another owner");
    if ((facts.mode & 0o077) !== 0) await chmod(path, ownerOnlyDirectory);
  } catch (error) {
    throw asCarryoverError(
      error,
      "diskError",
      "a private directory could not be made",
    );
  }
}

/** Makes durable which files are in a directory: a rename or deletion survives a power cut only after this. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directories, and makes renames durable by itself.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
