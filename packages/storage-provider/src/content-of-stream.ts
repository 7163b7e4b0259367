import type { Readable } from "node:stream";
import type { ContentSource } from "./blob-store.js";
import { createPieceWriter } from "./piece-writer.js";

/** @returns what sends the bytes of a stream, at the pace of whoever takes them */
export function contentOfStream(stream: Readable): ContentSource {
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
          await beforePiece?.(sentBytes);
          await writer.write(chunk);
          sentBytes += chunk.byteLength;
        }
      } finally {
        sink.off("close", gone);
        writer.release();
        stream.destroy();
      }
    },
  };
}
