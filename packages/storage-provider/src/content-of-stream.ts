import type { Readable } from "node:stream";
import type { ContentSource } from "./blob-store.js";
import { createPieceWriter } from "./piece-writer.js";

/** What is done about a stream that fails. */
export interface StreamRescue {
  /** How long it may give nothing while it is waited for, in milliseconds. Default: for ever. */
  readonly silenceMs?: number;
  /**
   * Opens another in its place. Default: the failure is final.
   *
   * @param sentBytes where it begins
   */
  readonly reopen?: (sentBytes: number) => Promise<Readable>;
}

/** Streams that fail one after the other without a byte; then it is given up. */
const maxFailures = 3;

/**
 * @param first stream, from elsewhere
 * @param bytes that it must have: what it has beyond them is not sent, and one that ends before them has failed
 * @param rescue what is done then; nobody who takes the bytes slowly makes it fail
 * @returns what sends the bytes, at the pace of whoever takes them
 */
export function contentOfStream(
  first: Readable,
  bytes: number,
  rescue: StreamRescue = {},
): ContentSource {
  return {
    async sendTo(sink, beforePiece) {
      const writer = createPieceWriter(sink);
      let stream = chunksOf(first, rescue.silenceMs);
      const gone = () => {
        stream.end(new Error("the sink was closed"));
      };
      sink.once("close", gone);
      if (sink.destroyed) gone();
      let sentBytes = 0;
      let failures = 0;
      const next = async () => {
        for (;;) {
          try {
            const chunk = await stream.next();
            if (chunk !== undefined || sentBytes === bytes) return chunk;
            throw new Error("the stream ends early");
          } catch (error) {
            failures += 1;
            stream.end();
            if (
              rescue.reopen === undefined ||
              failures > maxFailures ||
              sink.destroyed
            ) {
              throw error;
            }
            stream = chunksOf(await rescue.reopen(sentBytes), rescue.silenceMs);
            if (sink.destroyed) gone();
          }
        }
      };
      try {
        for (let chunk = await next(); chunk; chunk = await next()) {
          if (sentBytes + chunk.byteLength > bytes) {
            throw new Error("more bytes than were asked for");
          }
          await beforePiece?.(sentBytes);
          await writer.write(chunk);
          sentBytes += chunk.byteLength;
          failures = 0;
        }
      } finally {
        sink.off("close", gone);
        writer.release();
        stream.end();
      }
    },
  };
}

function chunksOf(stream: Readable, silenceMs: number | undefined) {
  // It can fail while nobody waits for it; who does is told by the iterator.
  stream.on("error", () => undefined);
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  return {
    /** @returns `undefined` at the end */
    async next(): Promise<Buffer | undefined> {
      const timer =
        silenceMs === undefined
          ? undefined
          : setTimeout(() => {
              stream.destroy(new Error("the stream is silent"));
            }, silenceMs);
      try {
        const result = await chunks.next();
        return result.done === true ? undefined : result.value;
      } finally {
        clearTimeout(timer);
      }
    },
    end(reason?: Error) {
      stream.destroy(reason);
    },
  };
}
