import { constants } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseFileName, type Scratch } from "@carryover/client";
import { readFileHandle } from "./file-stream.js";
import { onDisk, unlessMissing } from "./on-disk.js";
import {
  makePrivateDirectory,
  ownerOnlyFile,
  syncDirectory,
} from "./private-directory.js";

/**
 * Private temporary files in one directory, which belongs to Carryover alone: `sweep` empties it.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function createScratch(directory: string): Promise<Scratch> {
  await makePrivateDirectory(directory);
  const pathOf = (name: string) => join(directory, parseFileName(name));
  return {
    size: (name) =>
      onDisk("a temporary file could not be looked up", async () => {
        const facts = await unlessMissing(stat(pathOf(name)));
        return facts?.size;
      }),
    append: (name) =>
      onDisk("a temporary file could not be opened", async () => {
        const file = await open(
          pathOf(name),
          constants.O_WRONLY |
            constants.O_APPEND |
            constants.O_CREAT |
            constants.O_NOFOLLOW,
          ownerOnlyFile,
        );
        return writeFileHandle(file, () => syncDirectory(directory));
      }),
    read: (name) =>
      onDisk("a temporary file could not be read", async () =>
        readFileHandle(
          await open(pathOf(name), constants.O_RDONLY | constants.O_NOFOLLOW),
        ),
      ),
    delete: (name) =>
      onDisk("a temporary file could not be deleted", async () => {
        await rm(pathOf(name), { force: true });
        await syncDirectory(directory);
      }),
    sweep: (keep) =>
      onDisk("temporary files could not be swept", async () => {
        const kept = new Set(keep);
        for (const name of await readdir(directory))
          if (!kept.has(name))
            await rm(join(directory, name), { recursive: true, force: true });
        await syncDirectory(directory);
      }),
  };
}

type FileHandle = Awaited<ReturnType<typeof open>>;

function writeFileHandle(
  file: FileHandle,
  syncName: () => Promise<void>,
): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (chunk) =>
      onDisk("a temporary file could not be written", async () => {
        try {
          for (let at = 0; at < chunk.length;)
            at += (await file.write(chunk, at)).bytesWritten;
        } catch (error) {
          await file.close();
          throw error;
        }
      }),
    close: () =>
      onDisk("a temporary file could not be made durable", async () => {
        try {
          await file.sync();
        } finally {
          await file.close();
        }
        await syncName();
      }),
    // What was written is kept: an interrupted download goes on from there.
    abort: () => file.close(),
  });
}
