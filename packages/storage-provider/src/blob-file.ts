import { open, type FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { decodeFooter, encodeFooter, footerBytes } from "./blob-footer.js";
import type { BlobRecord } from "./blob-store.js";

const pieceBytes = 256 * 1024;

/**
 * @returns the file, open, and what its end says of it; `undefined` where there is none, or none that is whole
 */
export async function openRecord(
  path: string,
): Promise<
  { readonly handle: FileHandle; readonly record: BlobRecord } | undefined
> {
  const handle = await open(path, "r").catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const footer = Buffer.alloc(footerBytes);
    const { bytesRead } =
      size < footerBytes
        ? { bytesRead: 0 }
        : await handle.read(footer, 0, footerBytes, size - footerBytes);
    const record =
      bytesRead === footerBytes ? decodeFooter(footer, size) : undefined;
    if (record !== undefined) return { handle, record };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** @returns bytes of a file that is closed afterwards: short ones at once, others as they are read */
export async function readRange(
  handle: FileHandle,
  first: number,
  last: number,
): Promise<Buffer | Readable> {
  const length = last - first + 1;
  if (length > pieceBytes) {
    return handle.createReadStream({
      start: first,
      end: last,
      highWaterMark: pieceBytes,
    });
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await handle.read(
        bytes,
        at,
        length - at,
        first + at,
      );
      if (bytesRead === 0) throw new Error("the file ends early");
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Writes the mark of a withdrawn file, durable under a new name. */
export async function writeTombstone(
  path: string,
  ticketExpiresAtMs: number,
): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(
      encodeFooter({ state: "withdrawn", ticketExpiresAtMs }),
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives back the space of a file. */
export async function truncate(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.truncate(0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @returns the name of a system error, such as `ENOENT` */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error
    ? String(error.code)
    : undefined;
}

/** For `catch`: what is not there is `undefined`. */
export function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
  return undefined;
}
