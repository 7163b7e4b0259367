import {
  createGzip,
  createInflateRaw,
  type Gzip,
  type InflateRaw,
} from "node:zlib";
import type { ByteTransform } from "@carryover/backup-file";

/** Each piece, in and out, is one trip to a thread and back: fewer and larger ones are faster. */
const CHUNK_BYTES = 256 * 1024;

/** Small pieces as one of about {@link CHUNK_BYTES}. */
async function* gather(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces, length);
    pieces = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(pieces, length);
}

/**
 * Pumps an iterable through a zlib stream, which works on libuv's threads while this one goes on.
 *
 * @param afterEnd called when both sides have ended, with the bytes that went in
 */
const through =
  <Stream extends Gzip | InflateRaw>(
    create: () => Stream,
    afterEnd?: (stream: Stream, bytesIn: number) => void,
  ): ByteTransform =>
  (source) => ({
    async *[Symbol.asyncIterator]() {
      const stream = create();
      let sourceFailure: { error: unknown } | undefined;
      let bytesIn = 0;
      const pump = async (): Promise<void> => {
        try {
          for await (const chunk of gather(source)) {
            if (stream.destroyed) return;
            bytesIn += chunk.length;
            if (!stream.write(chunk)) await drained(stream);
          }
          stream.end();
        } catch (error) {
          sourceFailure = { error };
          stream.destroy();
        }
      };
      const pumping = pump();
      try {
        // A chunk of a stream without an encoding is a Buffer.
        for await (const chunk of stream as AsyncIterable<Uint8Array>)
          // Views of a Buffer are Buffers, which cost several times what plain views do.
          yield new Uint8Array(
            chunk.buffer,
            chunk.byteOffset,
            chunk.byteLength,
          );
        // zlib also ends before its input does. Then the pump waits for room that never comes: closing wakes it.
        stream.destroy();
        await pumping;
      } catch (error) {
        // Destroyed by the pump: the source's error is the one that counts.
        if (sourceFailure !== undefined) throw sourceFailure.error;
        throw error;
      } finally {
        stream.destroy();
      }
      if (sourceFailure !== undefined) throw sourceFailure.error;
      afterEnd?.(stream, bytesIn);
    },
  });

/** Settles when the stream takes more, or takes nothing any more. */
const drained = (stream: Gzip | InflateRaw): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
    if (stream.destroyed) done();
  });

/** gzip by zlib. @param level 1 (fast) to 9 (small) */
export const createNodeGzip = (level: number): ByteTransform =>
  through(() => createGzip({ level, chunkSize: CHUNK_BYTES }));

/** Raw inflate by zlib; bytes after the end are an error. */
export const nodeInflateRaw: ByteTransform = through(
  () => createInflateRaw({ chunkSize: CHUNK_BYTES }),
  (stream, bytesIn) => {
    // zlib stops at the end of the deflate data and passes over the rest in silence.
    if (stream.bytesWritten !== bytesIn)
      throw new Error("bytes follow the end of the deflate data");
  },
);
