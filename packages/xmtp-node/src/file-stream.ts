import type { FileHandle } from "node:fs/promises";
import { asCarryoverError } from "@carryover/client";

const chunkBytes = 64 * 1024;

/** How long to wait for more where the end of a file is reached that is still being written. */
const lookAgainMs = 20;

/**
 * Reads an open file from where it stands to its end, and closes it when that is reached or the reader goes away.
 *
 * @param written - settles when nobody writes to the file any more, if somebody does. Until then its end is not the end;
 * what it rejects with is what the stream fails with.
 */
export function readFileHandle(
  file: FileHandle,
  written?: Promise<void>,
): ReadableStream<Uint8Array> {
  const growth = watchGrowth(written);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const buffer = new Uint8Array(chunkBytes);
          for (;;) {
            // Asked before reading: what is written between the two is not the end either.
            const isWhole = growth.isOver();
            const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
            if (bytesRead > 0) {
              controller.enqueue(buffer.subarray(0, bytesRead));
              return;
            }
            if (isWhole) break;
            await growth.wait();
          }
          await file.close();
          controller.close();
        } catch (error) {
          await file.close();
          throw asCarryoverError(
            error,
            "diskError",
            "a temporary file could not be read",
          );
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}

/** Whether a file still grows. */
function watchGrowth(written: Promise<void> | undefined) {
  let state: "growing" | "over" | { error: unknown } =
    written === undefined ? "over" : "growing";
  let wake = (): void => undefined;
  written?.then(
    () => {
      state = "over";
      wake();
    },
    (error: unknown) => {
      state = { error };
      wake();
    },
  );
  return {
    /** @throws what the writer failed with */
    isOver(): boolean {
      if (typeof state === "object") throw state.error;
      return state === "over";
    },
    /** A moment, or until it is over. */
    wait: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookAgainMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
