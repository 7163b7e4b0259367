import { constants } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFileName, type Journal, parseFileName } from "@carryover/client";
import { onDisk, unlessMissing } from "../on-disk.js";
import { makePrivateDirectory, syncDirectory } from "../private-directory.js";
import { replaceFile } from "../replace-file.js";

/**
 * Notes in one directory, which belongs to Carryover alone: a file each.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function openJournal(directory: string): Promise<Journal> {
  await makePrivateDirectory(directory);
  return {
    names: () =>
      onDisk("the notes could not be listed", async () =>
        (await readdir(directory)).filter(isFileName),
      ),
    read: (name) =>
      onDisk("a note could not be read", () =>
        readText(join(directory, parseFileName(name))),
      ),
    write: (name, text) =>
      onDisk("a note could not be written", () =>
        replaceFile(
          directory,
          { file: parseFileName(name), next: nextOf(name) },
          new TextEncoder().encode(text),
        ),
      ),
    delete: (name) =>
      onDisk("a note could not be deleted", async () => {
        await rm(join(directory, parseFileName(name)), { force: true });
        await rm(join(directory, nextOf(name)), { force: true });
        await syncDirectory(directory);
      }),
  };
}

/** Not the name of a note, so that what a killed process has left is none. */
const nextOf = (name: string) => `${name}.next`;

async function readText(path: string): Promise<string | undefined> {
  const file = await unlessMissing(
    open(path, constants.O_RDONLY | constants.O_NOFOLLOW),
  );
  try {
    return await file?.readFile("utf8");
  } finally {
    await file?.close();
  }
}
