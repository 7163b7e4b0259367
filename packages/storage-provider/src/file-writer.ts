import type { FileHandle } from "node:fs/promises";
import { giveBack, pooledBytes, takeBuffer } from "./buffer-pool.js";

/** Gathers small chunks into large writes, and lets the next bytes arrive while the last ones are written. */
export interface FileWriter {
  /**
   * Takes a copy: chunks that live until they are written would outlive the young part of the heap, and cost more there.
   *
   * @returns a promise where the caller should wait; it rejects when a write failed
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when everything is written (not yet durable); rejects when a write failed. */
  flush(): Promise<void>;
}

/** A buffer of the pool, with what is to be written at its beginning. */
interface Piece {
  readonly buffer: Buffer;
  bytes: number;
}

/** Full pieces that may wait beside the one that is being written and the one that is being filled. */
const maxWaiting = 2;

/**
 * @param handle an open file, written from its current position; stays the caller's to close
 * @returns a writer that holds at most about 1 MiB
 */
export function createFileWriter(handle: FileHandle): FileWriter {
  const waiting: Piece[] = [];
  let filling: Piece | undefined;
  let inFlight: Promise<void> | undefined;
  let failure: { readonly cause: unknown } | undefined;

  const writePiece = async ({ buffer, bytes }: Piece) => {
    try {
      const piece = buffer.subarray(0, bytes);
      await writeAll((rest) => handle.writev(rest), [piece]);
      giveBack(buffer);
    } catch (cause) {
      failure = { cause };
    }
    inFlight = undefined;
    startNext();
  };
  const startNext = () => {
    if (inFlight !== undefined || failure !== undefined) return;
    const piece = waiting.shift();
    if (piece !== undefined) inFlight = writePiece(piece);
  };
  const settle = async (isEnough: () => boolean) => {
    while (failure === undefined && inFlight !== undefined && !isEnough()) {
      await inFlight;
    }
    if (failure !== undefined) throw failure.cause;
  };

  return {
    write(chunk) {
      for (let at = 0; at < chunk.byteLength;) {
        filling ??= { buffer: takeBuffer(), bytes: 0 };
        const part = chunk.subarray(at, at + pooledBytes - filling.bytes);
        filling.buffer.set(part, filling.bytes);
        filling.bytes += part.byteLength;
        at += part.byteLength;
        if (filling.bytes < pooledBytes) continue;
        waiting.push(filling);
        filling = undefined;
      }
      startNext();
      const isEnough = () => waiting.length < maxWaiting;
      return isEnough() && failure === undefined ? undefined : settle(isEnough);
    },
    flush() {
      if (filling !== undefined) waiting.push(filling);
      filling = undefined;
      startNext();
      return settle(() => false);
    },
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
