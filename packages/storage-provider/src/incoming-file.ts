import { close, constants, open, writev } from "node:fs";
import { open as openHandle, unlink, type FileHandle } from "node:fs/promises";
import process from "node:process";
import { promisify } from "node:util";
import { createGatheredChunks } from "./gathered-chunks.js";
import { createFileWriter, writeAll, type FileWriter } from "./file-writer.js";

/** A file on its way into a directory, under a name of its own until it is whole. */
export interface IncomingFile {
  /** @returns a promise where the caller should wait; it rejects when a write failed */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when everything written is durable under the temporary name. */
  seal(): Promise<void>;
  /** Removes the temporary name. Safe to call again; never throws. */
  discard(): Promise<void>;
}

/** Up to this many bytes are gathered in memory, and become a file in one durable write. */
export const gatheredFileBytes = 256 * 1024;

const openDescriptor = promisify(open);
const closeDescriptor = promisify(close);
const writeDescriptor = promisify(writev);
// A write that returns when it is durable saves a turn of the thread pool. Elsewhere it promises less than fsync.
const durableWrites = process.platform === "linux" ? constants.O_DSYNC : 0;

/** @param path that nothing has; not looked at before there is something to write */
export function createIncomingFile(path: string): IncomingFile {
  const gathered = createGatheredChunks();
  let streaming: Promise<void> | undefined;
  let handle: FileHandle | undefined;
  let writer: FileWriter | undefined;
  let temporary: "none" | "there" = "none";
  let discarded: Promise<void> | undefined;

  const startStreaming = async () => {
    handle = await openHandle(path, "wx", 0o600);
    temporary = "there";
    writer = createFileWriter(handle);
    let wait: Promise<void> | undefined;
    for (const chunk of gathered.take()) wait = writer.write(chunk) ?? wait;
    await wait;
  };
  const writeGathered = async () => {
    const { O_WRONLY, O_CREAT, O_EXCL } = constants;
    const descriptor = await openDescriptor(
      path,
      O_WRONLY | O_CREAT | O_EXCL | durableWrites,
      0o600,
    );
    temporary = "there";
    try {
      await writeAll(
        (chunks) => writeDescriptor(descriptor, chunks),
        gathered.take(),
      );
    } finally {
      await closeDescriptor(descriptor);
    }
  };
  const finish = async () => {
    await streaming?.catch(() => undefined);
    await handle?.close().catch(() => undefined);
    if (temporary === "there") await unlink(path).catch(() => undefined);
  };

  return {
    write(chunk) {
      if (writer !== undefined) return writer.write(chunk);
      gathered.add(chunk);
      if (gathered.bytes > gatheredFileBytes) streaming ??= startStreaming();
      return streaming;
    },
    async seal() {
      if (streaming === undefined && durableWrites === 0) {
        streaming = startStreaming();
      }
      if (streaming === undefined) {
        await writeGathered();
        return;
      }
      await streaming;
      await writer?.flush();
      await handle?.sync();
    },
    discard() {
      discarded ??= finish();
      return discarded;
    },
  };
}
