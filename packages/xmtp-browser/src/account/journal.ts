import {
  asCarryoverError,
  isFileName,
  type Journal,
  keepUnfinishedNotesAlone,
  parseFileName,
} from "@carryover/client";
import { filesDirectory, filesLock, notesDirectory } from "../names.js";
import { inTurn } from "../own-lock.js";
import { removeFromFilesDirectory } from "../private-files/files-directory.js";
import {
  findDirectory,
  makeDirectory,
  namesIn,
  openPrivateRoot,
  removeIfEmpty,
  unlessMissing,
} from "../private-files/private-directories.js";

const path = [filesDirectory, notesDirectory];

/**
 * Notes in the origin private file system, a file each. When there is no note, nothing is left of their place.
 *
 * @returns `undefined` where the browser has none
 */
export async function openJournal(): Promise<Journal | undefined> {
  const root = await openPrivateRoot();
  return root && openIn(root);
}

/**
 * Removes the notes, or all but those of files that were begun and not finished.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function clearJournal(
  unfinishedFiles: "kept" | "removed",
): Promise<void> {
  const journal = await openJournal();
  if (journal === undefined) return;
  if (unfinishedFiles === "kept") await keepUnfinishedNotesAlone(journal);
  else await removeFromFilesDirectory(notesDirectory);
}

function openIn(root: FileSystemDirectoryHandle): Journal {
  const directory = () => findDirectory(root, path);
  return {
    names: () =>
      onDisk("the notes could not be listed", async () => {
        const found = await directory();
        // A closed tab may have left what it was writing.
        return found === undefined
          ? []
          : (await namesIn(found)).filter(isFileName);
      }),
    read: (name) =>
      onDisk("a note could not be read", async () => {
        const file = parseFileName(name);
        const found = await directory();
        const handle =
          found && (await unlessMissing(found.getFileHandle(file)));
        return await (await handle?.getFile())?.text();
      }),
    write: (name, text) =>
      onDisk("a note could not be written", async () => {
        const file = parseFileName(name);
        const found = await makeDirectory(root, path);
        const handle = await found.getFileHandle(file, { create: true });
        const writable = await handle.createWritable();
        await writable.write(text);
        await writable.close();
      }),
    delete: (name) =>
      onDisk("a note could not be deleted", async () => {
        const file = parseFileName(name);
        const found = await directory();
        if (found === undefined) return;
        await unlessMissing(found.removeEntry(file));
        await removeIfEmpty(root, path);
        await removeIfEmpty(root, [filesDirectory]);
      }),
  };
}

/** A directory that empties is removed, and another tab may be about to write there: so one thing at a time is done. */
async function onDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await inTurn(filesLock, work);
  } catch (error) {
    throw asCarryoverError(error, "diskError", what);
  }
}
