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

/** A sink that closes calls back for nothing that it still holds; this notices. */
export function createPieceWriter(sink: Writable): PieceWriter {
  let fail: ((reason: Error) => void) | undefined;
  const closed = () => fail?.(new Error("the sink was closed"));
  sink.on("close", closed);
  sink.on("error", closed);
  return {
    write(piece) {
      const written = new Promise<void>((resolve, reject) => {
        fail = reject;
        if (sink.destroyed) {
          closed();
          return;
        }
        sink.write(piece, (error) => {
          if (error == null) resolve();
          else reject(error);
        });
      });
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
