import type { FileHandle } from "node:fs/promises";

/** Gathers small chunks into large writes, and lets the next bytes arrive while the last ones are written. */
export interface FileWriter {
  /** @returns a promise where the caller should wait; it rejects when a write failed */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when everything is written (not yet durable); rejects when a write failed. */
  flush(): Promise<void>;
}

const writeBytes = 512 * 1024;
const highWaterBytes = 2 * writeBytes;

/**
 * @param handle an open file, written from its current position; stays the caller's to close
 * @returns a writer that holds at most about 1 MiB
 */
export function createFileWriter(handle: FileHandle): FileWriter {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let inFlight: Promise<void> | undefined;
  let failure: { readonly cause: unknown } | undefined;

  const start = (): Promise<void> => {
    const chunks = pending;
    pending = [];
    pendingBytes = 0;
    inFlight = writeAll((rest) => handle.writev(rest), chunks)
      .catch((cause: unknown) => {
        failure = { cause };
      })
      .then(() => {
        inFlight = undefined;
        if (failure === undefined && pendingBytes >= writeBytes) void start();
      });
    return inFlight;
  };
  const settle = async (untilBytes: number) => {
    while (
      failure === undefined &&
      (inFlight !== undefined || pendingBytes > 0) &&
      (untilBytes === 0 || pendingBytes >= untilBytes)
    ) {
      await (inFlight ?? start());
    }
    if (failure !== undefined) throw failure.cause;
  };

  return {
    write(chunk) {
      pending.push(chunk);
      pendingBytes += chunk.byteLength;
      if (inFlight === undefined && pendingBytes >= writeBytes) void start();
      return pendingBytes >= highWaterBytes || failure !== undefined
        ? settle(highWaterBytes)
        : undefined;
    },
    flush: () => settle(0),
  };
}

/** Writes chunks in order, however little a single write takes. */
export async function writeAll(
  write: (
    chunks: readonly Uint8Array[],
  ) => Promise<{ readonly bytesWritten: number }>,
  chunks: readonly Uint8Array[],
): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    let { bytesWritten } = await write(rest);
    // A short write leaves the tail of a chunk, which a nearly full disk does.
    const next: Uint8Array[] = [];
    for (const chunk of rest) {
      const done = Math.min(bytesWritten, chunk.byteLength);
      bytesWritten -= done;
      if (done < chunk.byteLength) next.push(chunk.subarray(done));
    }
    rest = next;
  }
}
