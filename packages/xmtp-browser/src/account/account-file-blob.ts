import { type AccountFilePlace, CarryoverError } from "@carryover/client";

/**
 * A Backup Account File that a person chose, to be read. It stays on this machine.
 *
 * @param file - of a picker or a drop
 */
export function accountFileFromBlob(file: Blob): AccountFilePlace {
  return {
    open: async () => readBlob(file),
    exists: async () => true,
    write: async (newer) => {
      await newer.cancel();
      throw new CarryoverError(
        "diskError",
        "a chosen file can be read alone: save to a place that can be written to",
      );
    },
  };
}

/** A blob as a stream, with the engine's words for a file that went away or changed since it was chosen. */
export function readBlob(blob: Blob): ReadableStream<Uint8Array> {
  const reader = blob.stream().getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (cause) {
          controller.error(
            new CarryoverError(
              isMissing(cause) ? "accountFileNotFound" : "diskError",
              "the file cannot be read any more",
              { cause },
            ),
          );
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Whether the browser says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotFoundError";
}
