import type { PartFiles } from "./part-files.js";

/** What is lost when a tab is closed in the middle, at most; and what a part costs in time is small beside this. */
const partBytes = 1024 * 1024;

/** Writes to the end of a file. Closing it, and giving it up, both keep what was written. */
export interface PartWriter {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** @param name - of a file that is there */
export function createPartWriter(files: PartFiles, name: string): PartWriter {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    if (waitingBytes === 0) return;
    const part = new Uint8Array(waitingBytes);
    let at = 0;
    for (const chunk of waiting) {
      part.set(chunk, at);
      at += chunk.length;
    }
    await files.addPart(name, part);
    waiting = [];
    waitingBytes = 0;
  };
  return {
    write: async (chunk) => {
      waiting.push(chunk.slice());
      waitingBytes += chunk.length;
      if (waitingBytes >= partBytes) await flush();
    },
    close: flush,
  };
}
