import { CarryoverError } from "@carryover/client";
import type { PartFiles } from "./part-files.js";

/** Files in memory, gone with the page. */
export function createMemoryFiles(): PartFiles {
  const files = new Map<string, Blob[]>();
  return {
    parts: async (name) => files.get(name)?.slice(),
    create: async (name) => {
      if (!files.has(name)) files.set(name, []);
    },
    addPart: async (name, part) => {
      const parts = files.get(name);
      if (parts === undefined)
        throw new CarryoverError("diskError", "the temporary file is gone");
      // A blob copies, and the browser may move it out of memory.
      parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
    },
    remove: async (name) => void files.delete(name),
    names: async () => [...files.keys()],
    removeAll: async () => files.clear(),
  };
}
