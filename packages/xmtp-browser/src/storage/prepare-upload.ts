import { asCarryoverError, CarryoverError } from "@carryover/client";
import { stopped } from "@carryover/xmtp-shared";
import type { PartFiles } from "../private-files/part-files.js";
import { createPartWriter } from "../private-files/part-writer.js";

/** A whole file that waits to be sent. */
export interface PreparedUpload {
  readonly file: Blob;
  /** Deletes it. Called on every path. */
  dispose(): Promise<void>;
}

/**
 * Writes a stream down whole, on the browser's disk where it has one: browsers send streams over HTTP/2 and HTTP/3 alone,
 * and most of them not at all.
 *
 * @param options.maxBytes - after which it is given up
 * @param options.onProgress - is told how many bytes of the file are there
 * @throws {CarryoverError} `backupTooLarge`, `diskError`, `aborted`; and what the stream fails with
 */
export async function prepareUpload(
  source: ReadableStream<Uint8Array>,
  {
    files,
    name,
    maxBytes,
    onProgress,
    signal,
  }: {
    files: PartFiles;
    name: string;
    maxBytes: number;
    onProgress: (bytes: number) => void;
    signal: AbortSignal | undefined;
  },
): Promise<PreparedUpload> {
  const dispose = () => files.remove(name);
  const reader = source.getReader();
  const cancel = () => {
    // The pending read ends with that, and what the stream says of it is no news.
    reader.cancel(signal?.reason).catch(() => undefined);
  };
  signal?.addEventListener("abort", cancel, { once: true });
  const assertNotAborted = () => {
    if (signal?.aborted === true) throw stopped(signal);
  };
  try {
    assertNotAborted();
    await onDisk(() => files.create(name));
    const writer = createPartWriter(files, name);
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      assertNotAborted();
      if (done) break;
      bytes += value.length;
      if (bytes > maxBytes)
        throw new CarryoverError(
          "backupTooLarge",
          `the backup is larger than ${maxBytes} bytes`,
        );
      await onDisk(() => writer.write(value));
      onProgress(bytes);
      assertNotAborted();
    }
    await onDisk(() => writer.close());
    const parts = await onDisk(() => files.parts(name));
    return { file: new Blob(parts), dispose };
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    await dispose().catch(() => undefined);
    throw error;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(
      error,
      "diskError",
      "the backup could not be written down before it is sent",
    );
  }
}
