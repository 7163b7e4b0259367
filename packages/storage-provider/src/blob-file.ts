import { close, open as openCallback, read } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { pooledBytes } from "./buffer-pool.js";
import { decodeFooter, encodeFooter, footerBytes } from "./blob-footer.js";
import type { BlobRecord, ByteRange, ContentSource } from "./blob-store.js";
import { sendFilePieces } from "./file-pieces.js";

/** A stored file that is held open, or wholly in memory where it is small. */
export interface BlobFile {
  readonly record: BlobRecord;
  /** Either this or `close` is called: bytes at once where they are few, else what reads them piece by piece. */
  content(range: ByteRange): Promise<Buffer | ContentSource>;
  close(): Promise<void>;
}

const smallBytes = 64 * 1024;

const openDescriptor = promisify(openCallback);
const closeDescriptor = promisify(close);
const readDescriptor = promisify(read);

/**
 * @param path of a stored file
 * @param bytes of the uploaded file, without what follows it
 * @returns `undefined` where there is none, or none that is whole
 */
export function openBlobFile(
  path: string,
  bytes: number,
): Promise<BlobFile | undefined> {
  return bytes > smallBytes ? openLarge(path, bytes) : openSmall(path, bytes);
}

/** One read gives the file and what follows it. */
async function openSmall(
  path: string,
  bytes: number,
): Promise<BlobFile | undefined> {
  const descriptor = await openDescriptor(path, "r").catch(ignoreMissing);
  if (descriptor === undefined) return undefined;
  const whole = Buffer.allocUnsafe(bytes + footerBytes);
  try {
    const done = await readFully(
      (at) => readDescriptor(descriptor, whole, at, whole.byteLength - at, at),
      whole.byteLength,
    );
    if (!done) return undefined;
  } finally {
    await closeDescriptor(descriptor);
  }
  const record = decodeFooter(whole.subarray(bytes), whole.byteLength);
  return record === undefined
    ? undefined
    : {
        record,
        content: ({ first, last }) =>
          Promise.resolve(whole.subarray(first, last + 1)),
        close: () => Promise.resolve(),
      };
}

async function openLarge(
  path: string,
  bytes: number,
): Promise<BlobFile | undefined> {
  const handle = await open(path, "r").catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    const footer = Buffer.alloc(footerBytes);
    const record = (await fill(handle, footer, bytes))
      ? decodeFooter(footer, bytes + footerBytes)
      : undefined;
    if (record !== undefined) {
      return {
        record,
        content: ({ first, last }) => readRange(handle, first, last),
        close: () => handle.close(),
      };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function readRange(
  handle: FileHandle,
  first: number,
  last: number,
): Promise<Buffer | ContentSource> {
  const length = last - first + 1;
  if (length > pooledBytes) {
    return {
      async sendTo(sink, beforePiece) {
        try {
          const read = (piece: Buffer, at: number) => fill(handle, piece, at);
          await sendFilePieces(read, { first, last }, sink, beforePiece);
        } finally {
          await handle.close();
        }
      },
    };
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    if (!(await fill(handle, bytes, first))) {
      throw new Error("the file ends early");
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** @returns whether the file had enough bytes at this place */
function fill(
  handle: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<boolean> {
  return readFully(
    (at) => handle.read(bytes, at, bytes.byteLength - at, position + at),
    bytes.byteLength,
  );
}

async function readFully(
  readAt: (at: number) => Promise<{ readonly bytesRead: number }>,
  length: number,
): Promise<boolean> {
  let at = 0;
  while (at < length) {
    const { bytesRead } = await readAt(at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
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
