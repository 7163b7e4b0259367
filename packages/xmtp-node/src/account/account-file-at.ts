import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  open,
  realpath,
  rename,
  rm,
} from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  type AccountFilePlace,
  asCarryoverError,
  CarryoverError,
} from "@carryover/client";
import { readFileHandle } from "../file-stream.js";
import { hasErrorCode } from "../error-code.js";
import { partialPathOf, removeLeftovers } from "../partial-file.js";
import { ownerOnlyFile, syncDirectory } from "../private-directory.js";

/**
 * A Backup Account File at a path. It is written beside its place under another name, made durable, read back, and then
 * moved: what is at the path is whole, whenever the process or the power dies.
 *
 * @param path - of the file; its directory must exist
 */
export function accountFileAt(path: string): AccountFilePlace {
  const place = resolve(path);
  return {
    open: async () => readFileHandle(await openToRead(place)),
    exists: () => exists(place),
    assertWritable: (sizeBytes) => assertWritable(place, sizeBytes),
    write: async (file, { ifThere, check }) => {
      try {
        const target = ifThere === "replace" ? await targetOf(place) : place;
        await writeTo(target, file, { ifThere, check });
      } catch (error) {
        if (!file.locked) await file.cancel().catch(() => undefined);
        throw asDiskError(error);
      }
    },
  };
}

async function openToRead(place: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    // A pipe without a writer would be waited for, for ever.
    handle = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT") || hasErrorCode(error, "ENOTDIR"))
      throw noFile("there is no such file", error);
    // Windows opens no directories, and nobody a socket or a device that is not there.
    if (hasErrorCode(error, "EISDIR"))
      throw noFile("it is a directory, not a file", error);
    if (hasErrorCode(error, "ENXIO"))
      throw noFile("it is a device, not a file", error);
    throw asCarryoverError(
      error,
      "diskError",
      hasErrorCode(error, "EACCES") || hasErrorCode(error, "EPERM")
        ? "there is no permission to read the Backup Account File"
        : "the Backup Account File could not be opened",
    );
  }
  const facts = await handle.stat();
  if (facts.isFile()) return handle;
  await handle.close();
  throw noFile(
    facts.isDirectory()
      ? "it is a directory, not a file"
      : "it is a pipe or a device, not a file that can be read again",
  );
}

const noFile = (what: string, cause?: unknown) =>
  new CarryoverError("accountFileNotFound", what, { cause });

/** What a disk, its rights and its mounting allow is known for sure only when it was done. */
async function assertWritable(place: string, sizeBytes: number): Promise<void> {
  try {
    const aside = partialPathOf(await targetOf(place));
    const handle = await open(
      aside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      ownerOnlyFile,
    );
    try {
      await fill(handle, sizeBytes);
    } finally {
      await handle.close();
      await rm(aside, { force: true });
    }
  } catch (error) {
    throw new CarryoverError(
      "diskError",
      hasErrorCode(error, "ENOENT") || hasErrorCode(error, "ENOTDIR")
        ? "there is no directory at the place of the Backup Account File"
        : isFull(error)
          ? "there is not enough room at the place of the Backup Account File"
          : "nothing can be written at the place of the Backup Account File",
      { cause: error },
    );
  }
}

const isFull = (error: unknown) =>
  ["ENOSPC", "EDQUOT", "EFBIG"].some((code) => hasErrorCode(error, code));

/** With what no file system makes smaller. */
async function fill(handle: FileHandle, sizeBytes: number): Promise<void> {
  const chunk = randomBytes(Math.min(sizeBytes, 1024 * 1024));
  for (let left = sizeBytes; left > 0;)
    left -= (await handle.write(chunk, 0, Math.min(left, chunk.length)))
      .bytesWritten;
  // Some take what they have no room for, until it is to be kept.
  await handle.sync();
}

/** A link stays, and the file that it leads to is replaced: else that one would be an older copy for ever. */
async function targetOf(place: string): Promise<string> {
  try {
    return await realpath(place);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return place;
    throw error;
  }
}

async function writeTo(
  place: string,
  file: ReadableStream<Uint8Array>,
  { ifThere, check }: Parameters<AccountFilePlace["write"]>[1],
): Promise<void> {
  const aside = partialPathOf(place);
  try {
    await removeLeftovers(place);
    await writeWhole(aside, file);
    await checkWritten(aside, check);
    if (ifThere === "replace") await rename(aside, place);
    else await moveUnlessTaken(aside, place);
    await syncDirectory(dirname(place));
  } finally {
    await rm(aside, { force: true });
  }
}

async function checkWritten(
  path: string,
  check: (written: ReadableStream<Uint8Array>) => Promise<void>,
): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await check(readFileHandle(handle));
  } finally {
    // Who refuses early does not read to the end.
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return false;
    throw asDiskError(error);
  }
}

async function writeWhole(
  path: string,
  file: ReadableStream<Uint8Array>,
): Promise<void> {
  const handle = await open(
    path,
    constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_EXCL |
      constants.O_NOFOLLOW,
    ownerOnlyFile,
  );
  try {
    for await (const chunk of file)
      for (let at = 0; at < chunk.length;)
        at += (await handle.write(chunk, at)).bytesWritten;
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename would replace what is there. */
async function moveUnlessTaken(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasErrorCode(error, "EEXIST"))
      throw new CarryoverError(
        "accountFileExists",
        "there is a file at this place",
        { cause: error },
      );
    // File systems of memory cards know no links: there, what comes into being in this moment is lost.
    if (await exists(to))
      throw new CarryoverError(
        "accountFileExists",
        "there is a file at this place",
      );
    await rename(from, to);
  }
}

/** Only what the file system says is wrapped: the container's own errors pass. */
function asDiskError(error: unknown): unknown {
  return error instanceof Error && "code" in error && "syscall" in error
    ? new CarryoverError(
        "diskError",
        "the Backup Account File could not be written",
        { cause: error },
      )
    : error;
}
