import type { Scratch } from "@carryover/client";
import { filesDirectory } from "../names.js";
import { createMemoryFiles } from "../private-files/memory-files.js";
import { openPartFiles } from "../private-files/part-files.js";
import { createScratch } from "../scratch.js";

/** Not of 64 hex digits: no installation's. */
export const refreshDirectory = "refresh";

/**
 * Notes of refreshes that are under way. They outlive the page, so that a refresh that was cut off is known for what it was.
 * A note says which installation, and when; nothing secret.
 */
export async function openRefreshJournal(): Promise<Scratch> {
  return createScratch(
    (await openPartFiles([filesDirectory, refreshDirectory])) ??
      createMemoryFiles(),
  );
}
