import type { Writable } from "node:stream";
import { giveBack, pooledBytes, takeBuffer } from "./buffer-pool.js";
import type { BeforePiece, ByteRange } from "./blob-store.js";
import { createPieceWriter } from "./piece-writer.js";

/** Fills a buffer from a place in a file, in bytes; says whether there were enough. */
export type ReadAt = (buffer: Buffer, position: number) => Promise<boolean>;

/**
 * Writes a part of a file to a sink, which it leaves open. One piece is read while the one before is written; a buffer is
 * filled again when the sink has called back for it, so the sink may not hold on to a chunk after that.
 *
 * @throws Error when the file ends early, the sink fails or closes, or what `read` or `beforePiece` rejects with
 */
export async function sendFilePieces(
  read: ReadAt,
  { first, last }: ByteRange,
  sink: Writable,
  beforePiece?: BeforePiece,
): Promise<void> {
  const buffers = [takeBuffer(), takeBuffer()] as const;
  const writer = createPieceWriter(sink);
  let written: Promise<void> | undefined;
  try {
    for (let at = first, turn = 0; at <= last; turn += 1) {
      const length = Math.min(pooledBytes, last + 1 - at);
      const piece = buffers[turn % 2 === 0 ? 0 : 1].subarray(0, length);
      const enough = await read(piece, at);
      await written;
      if (!enough) throw new Error("the file ends early");
      await beforePiece?.(at - first);
      written = writer.write(piece);
      at += length;
    }
    await written;
  } finally {
    writer.release();
  }
  // Not after a failure: the system may still be reading them.
  buffers.forEach(giveBack);
}
