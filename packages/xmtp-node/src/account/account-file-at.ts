import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
  link,
  lstat,
  open,
  readdir,
  realpath,
  rename,
  rm,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  type AccountFilePlace,
  asCarryoverError,
  CarryoverError,
} from "@carryover/client";
import { readFileHandle } from "../file-stream.js";
import { ownerOnlyFile, syncDirectory } from "../private-directory.js";
import { isRunning } from "../running-process.js";

/**
 * A Backup Account File at a path. It is written beside its place under another name, made durable, read back, and then
 * moved: what is at the path is whole, whenever the process or the power dies.
 *
 * @param path - of the file; its directory must exist
 */
export function accountFileAt(path: string): AccountFilePlace {
  const place = resolve(path);
  return {
    open: async () => {
      try {
        return readFileHandle(await open(place, constants.O_RDONLY));
      } catch (error) {
        if (hasCode(error, "ENOENT"))
          throw new CarryoverError("accountFileNotFound", "no such file", {
            cause: error,
          });
        throw asCarryoverError(
          error,
          "diskError",
          "the Backup Account File could not be opened",
        );
      }
    },
    exists: () => exists(place),
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

/** A link stays, and the file that it leads to is replaced: else that one would be an older copy for ever. */
async function targetOf(place: string): Promise<string> {
  try {
    return await realpath(place);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return place;
    throw error;
  }
}

async function writeTo(
  place: string,
  file: ReadableStream<Uint8Array>,
  { ifThere, check }: Parameters<AccountFilePlace["write"]>[1],
): Promise<void> {
  const directory = dirname(place);
  const aside = join(directory, nameAside(place));
  try {
    await removeLeftovers(place);
    await writeWhole(aside, file);
    await checkWritten(aside, check);
    if (ifThere === "replace") await rename(aside, place);
    else await moveUnlessTaken(aside, place);
    await syncDirectory(directory);
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
    if (hasCode(error, "ENOENT")) return false;
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
    if (hasCode(error, "EEXIST"))
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

const asideName = (base: string) =>
  new RegExp(
    `^\\.${escapeText(base)}\\.([0-9]{1,10})-[0-9a-f-]{36}\\.partial$`,
  );

const nameAside = (place: string) =>
  `.${basename(place)}.${process.pid}-${randomUUID()}.partial`;

/** What a killed process left of an earlier try. It is encrypted, and cut. */
async function removeLeftovers(place: string): Promise<void> {
  const pattern = asideName(basename(place));
  const directory = dirname(place);
  for (const name of await readdir(directory)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || (await isRunning({ pid: Number(pid) }))) continue;
    await rm(join(directory, name), { force: true });
  }
}

const escapeText = (text: string) =>
  text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

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

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
