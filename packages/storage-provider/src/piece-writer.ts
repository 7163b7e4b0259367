import type { Writable } from "node:stream";

/** Writes pieces to a sink, and tells when each is no longer needed. */
export interface PieceWriter {
  /**
   * Call again only when this has settled.
   *
   * @throws Error when the sink failed or is closed
   */
  write(piece: Uint8Array): Promise<void>;
  /** Lets go of the sink, which stays open. */
  release(): void;
}

const slowMs = 500;
const slowBytes = 16 * 1024;

/**
 * A sink that closes calls back for nothing that it still holds; this notices. Once a sink has been slow with a piece, it
 * gets little at a time: how much of a chunk it has taken is not known, and that is how slow ones are judged.
 *
 * @param sink to write to
 */
export function createPieceWriter(sink: Writable): PieceWriter {
  let fail: ((reason: Error) => void) | undefined;
  let atOnceBytes = Infinity;
  const closed = () => fail?.(new Error("the sink was closed"));
  sink.on("close", closed);
  sink.on("error", closed);
  const writeChunk = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      fail = reject;
      if (sink.destroyed) {
        closed();
        return;
      }
      sink.write(chunk, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  const writePiece = async (piece: Uint8Array) => {
    const startedAtMs = performance.now();
    for (let at = 0; at < piece.byteLength;) {
      const end = Math.min(piece.byteLength, at + atOnceBytes);
      await writeChunk(piece.subarray(at, end));
      at = end;
    }
    if (performance.now() - startedAtMs > slowMs) atOnceBytes = slowBytes;
  };
  return {
    write(piece) {
      const written = writePiece(piece);
      // The caller may be busy with the next piece when this one fails.
      written.catch(() => undefined);
      return written;
    },
    release() {
      sink.off("close", closed);
      sink.off("error", closed);
    },
  };
}
