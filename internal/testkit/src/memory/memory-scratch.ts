import { CarryoverError, type Scratch } from "@carryover/client";

/** Temporary files in memory, for tests of what stands on them. */
export function createMemoryScratch(
  files: Map<string, Uint8Array> = new Map(),
): Scratch {
  return {
    size: async (name) => files.get(parseName(name))?.length,
    append: async (name) => {
      const own = parseName(name);
      if (!files.has(own)) files.set(own, new Uint8Array(0));
      return new WritableStream<Uint8Array>({
        write: (chunk) => {
          const before = files.get(own) ?? new Uint8Array(0);
          files.set(own, join(before, chunk));
        },
      });
    },
    read: async (name) => {
      const bytes = files.get(parseName(name));
      if (bytes === undefined)
        throw new CarryoverError("diskError", "there is no such file");
      return new ReadableStream<Uint8Array>({
        start: (controller) => {
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          controller.close();
        },
      });
    },
    delete: async (name) => void files.delete(parseName(name)),
    sweep: async (keep) => {
      for (const name of [...files.keys()])
        if (!keep.includes(name)) files.delete(name);
    },
  };
}

function parseName(name: string): string {
  if (!/^[a-z0-9-]{1,80}$/.test(name))
    throw new CarryoverError("invalidOption", "not a name of a file");
  return name;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
