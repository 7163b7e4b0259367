import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  partialPathOf,
  removeLeftovers,
} from "@carryover/xmtp-node/partial-file";
import { diskError, systemErrorWords } from "../system-error.js";

/**
 * Writes a file that only its owner can read, beside its place and under a name that nobody looks at, and moves it there
 * when it is durable: it is there whole or not at all. What is there already is replaced.
 *
 * @param write - what it throws is thrown, and nothing is left of the file
 * @throws {CliError} `diskError`, which speaks of `path` alone
 */
export async function writeAside<Result>(
  path: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  return speakingOf(path, async (aside) => {
    await removeLeftovers(resolve(path));
    const result = await intoNewFile(aside, write);
    await rename(aside, path);
    return result;
  });
}

/**
 * Tries whether a file can be written to its place; whether what is there may be replaced shows only then.
 *
 * @param bytes - how much room it needs
 * @throws {CliError} `diskError`, which speaks of `path` alone
 */
export async function assertWritable(path: string, bytes = 0): Promise<void> {
  await speakingOf(path, (aside) =>
    intoNewFile(aside, (file) => file.writeFile(new Uint8Array(bytes))),
  );
}

async function intoNewFile<Result>(
  path: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, "wx", 0o600);
  try {
    const result = await write(file);
    await file.sync();
    return result;
  } finally {
    await file.close();
  }
}

/** Nobody has typed the name that a file has while it is written. It is gone in the end. */
async function speakingOf<Result>(
  path: string,
  work: (aside: string) => Promise<Result>,
): Promise<Result> {
  const aside = partialPathOf(resolve(path));
  try {
    try {
      return await work(aside);
    } finally {
      await rm(aside, { force: true });
    }
  } catch (error) {
    throw error instanceof Error &&
      "path" in error &&
      (error.path === aside || error.path === dirname(aside))
      ? diskError(
          `no file can be written at ${path}: ${systemErrorWords(error) ?? "the system refuses it"}`,
          error,
        )
      : error;
  }
}
