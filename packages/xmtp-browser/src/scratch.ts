import {
  asCarryoverError,
  CarryoverError,
  parseFileName,
  type Scratch,
} from "@carryover/client";
import type { PartFiles } from "./private-files/part-files.js";
import { createPartWriter } from "./private-files/part-writer.js";

/** Private temporary files, in the origin private file system or in memory. `sweep` removes whatever else is there. */
export function createScratch(files: PartFiles): Scratch {
  const partsOf = async (name: string) => {
    const parts = await files.parts(parseFileName(name));
    return parts && new Blob(parts);
  };
  return {
    size: (name) =>
      onDisk("a temporary file could not be looked up", async () => {
        const whole = await partsOf(name);
        return whole?.size;
      }),
    append: (name) =>
      onDisk("a temporary file could not be opened", async () => {
        await files.create(parseFileName(name));
        const writer = createPartWriter(files, name);
        const keep = () =>
          onDisk("a temporary file could not be made durable", () =>
            writer.close(),
          );
        return new WritableStream<Uint8Array>({
          write: (chunk) =>
            onDisk("a temporary file could not be written", () =>
              writer.write(chunk),
            ),
          close: keep,
          // What was written is kept: an interrupted download goes on from there.
          abort: keep,
        });
      }),
    read: (name) =>
      onDisk("a temporary file could not be read", async () => {
        const whole = await partsOf(name);
        if (whole === undefined)
          throw new CarryoverError("diskError", "there is no such file");
        return whole.stream();
      }),
    delete: (name) =>
      onDisk("a temporary file could not be deleted", () =>
        files.remove(parseFileName(name)),
      ),
    sweep: (keep) =>
      onDisk("temporary files could not be swept", async () => {
        const kept = new Set(keep);
        for (const name of await files.names())
          if (!kept.has(name)) await files.remove(name);
      }),
  };
}

async function onDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(error, "diskError", what);
  }
}
