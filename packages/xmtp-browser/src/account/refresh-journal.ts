import { keepUnfinishedNotesAlone, type Scratch } from "@carryover/client";
import { filesDirectory } from "../names.js";
import { removeEmptyFilesDirectory } from "../private-files/files-directory.js";
import { createMemoryFiles } from "../private-files/memory-files.js";
import {
  openPartFiles,
  removePrivateDirectory,
} from "../private-files/part-files.js";
import { createScratch } from "../scratch.js";

/** Not of 64 hex digits: no installation's. */
export const refreshDirectory = "refresh";

/**
 * Notes of refreshes that are under way. They outlive the page, so that a refresh that was cut off is known for what it was.
 * A note says which installation, and when; nothing secret. When there is none, nothing is left of this.
 */
export async function openRefreshJournal(): Promise<Scratch> {
  const files = await openPartFiles(
    [filesDirectory, refreshDirectory],
    "whenNeeded",
  );
  if (files === undefined) return createScratch(createMemoryFiles());
  return createScratch({
    ...files,
    remove: async (name) => {
      await files.remove(name);
      if ((await files.names()).length > 0) return;
      await files.removeAll();
      await removeEmptyFilesDirectory();
    },
  });
}

/**
 * Removes the notes, or all but those of files that were begun and not finished.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function clearRefreshJournal(
  unfinishedFiles: "kept" | "removed",
): Promise<void> {
  if (unfinishedFiles === "kept")
    await keepUnfinishedNotesAlone(await openRefreshJournal());
  else await removePrivateDirectory([filesDirectory, refreshDirectory]);
}
