import type { Readable } from "node:stream";
import type { ContentSource } from "./blob-store.js";
import { createPieceWriter } from "./piece-writer.js";

/**
 * @param stream from elsewhere
 * @param bytes that it must have: what it has beyond them is not sent, and one that ends before them is an error
 * @returns what sends the bytes of the stream, at the pace of whoever takes them
 */
export function contentOfStream(
  stream: Readable,
  bytes: number,
): ContentSource {
  return {
    async sendTo(sink, beforePiece) {
      const writer = createPieceWriter(sink);
      const gone = () => {
        stream.destroy(new Error("the sink was closed"));
      };
      sink.once("close", gone);
      if (sink.destroyed) gone();
      let sentBytes = 0;
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          if (sentBytes + chunk.byteLength > bytes) {
            throw new Error("more bytes than were asked for");
          }
          await beforePiece?.(sentBytes);
          await writer.write(chunk);
          sentBytes += chunk.byteLength;
        }
        if (sentBytes < bytes) throw new Error("the stream ends early");
      } finally {
        sink.off("close", gone);
        writer.release();
        stream.destroy();
      }
    },
  };
}
