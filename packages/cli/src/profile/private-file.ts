import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  makeWithParents,
  ownerOnlyDirectory,
} from "@carryover/xmtp-node/make-directory";
import { CliError } from "../cli-error.js";
import { quoted, toType } from "../terminal/hint.js";
import { assertWritable, writeAside } from "./write-aside.js";

/** Makes a directory that only its owner can enter. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await makeWithParents(path);
  await chmod(path, ownerOnlyDirectory);
}

/**
 * Writes a file that only its owner can read; it is there whole or not at all.
 *
 * @param existing - `keep` refuses to replace a file
 * @throws {CliError} `fileExists`, `diskError`
 */
export async function writePrivateFile(
  path: string,
  content: string | Uint8Array,
  existing: "keep" | "replace",
): Promise<void> {
  if (existing === "keep" && (await exists(path)))
    throw new CliError(
      "fileExists",
      `there is a file at ${path}`,
      "It was left as it is. Move it away, or choose another name.",
    );
  await writeAside(path, (file) => file.writeFile(content));
}

/**
 * Reads a file that holds a secret.
 *
 * @returns `undefined` when there is none
 * @throws {CliError} `notPrivate` when others can read it, `usage` for a directory
 */
export async function readPrivateFile(
  path: string,
): Promise<string | undefined> {
  let mode: number;
  try {
    const facts = await stat(path);
    // To take rights from a directory can lock its owner out of it.
    if (facts.isDirectory())
      throw new CliError(
        "usage",
        `${path} is a directory, not a file`,
        "Nothing was done with it. Name the file in it that holds the secret.",
      );
    ({ mode } = facts);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    throw new CliError(
      "notPrivate",
      `others can read the secret in ${path}`,
      `Nothing was done with it. Make it yours alone with: ${chmodLine(path)}`,
    );
  return readFile(path, "utf8");
}

const chmodLine = (path: string) => toType(`chmod 600 ${quoted(path)}`);

/** What a database that is opened puts beside itself before anything is read, bytes. */
const roomToOpen = 64 * 1024;

/**
 * Tries whether a directory takes what opening a database in it writes.
 *
 * @throws {CliError} `diskError`, or the error of the file system that says why not
 */
export const assertRoomFor = (directory: string): Promise<void> =>
  assertWritable(join(directory, "room"), roomToOpen);

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR")
  );
}
