import type { FileHandle } from "node:fs/promises";
import { CarryoverError } from "@carryover/client";

const chunkBytes = 64 * 1024;

/** Reads an open file from where it stands to its end, and closes it when that is reached or the reader goes away. */
export function readFileHandle(file: FileHandle): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const buffer = new Uint8Array(chunkBytes);
          const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
          if (bytesRead > 0) {
            controller.enqueue(buffer.subarray(0, bytesRead));
            return;
          }
          await file.close();
          controller.close();
        } catch (error) {
          await file.close();
          throw new CarryoverError(
            "diskError",
            "a temporary file could not be read",
            { cause: error },
          );
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}
