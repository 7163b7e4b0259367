import { clearCarryoverStorage } from "@carryover/xmtp-browser";
import { countKept, type Kept, lookAtKept } from "./kept.js";

/** What Carryover calls what it keeps. Other pages of the same origin keep theirs. */
const isOurs = (name: string): boolean => name.startsWith("carryover");

/** What came of clearing. */
export interface Cleared {
  /** Things that were there before. */
  readonly found: number;
  /** What is there now: of other pages, or in use by another tab. */
  readonly left: Kept;
}

/**
 * Deletes everything that this page keeps in the browser: files, databases, caches, and the notes of the session. What
 * is only in memory is gone with the tasks, which are to be disposed of before.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function clearEverything(): Promise<Cleared> {
  const before = await lookAtKept();
  await clearCarryoverStorage();
  const root = await navigator.storage.getDirectory();
  for (const name of before.files)
    if (isOurs(name)) await removeEntry(root, name);
  for (const name of before.databases)
    if (isOurs(name)) indexedDB.deleteDatabase(name);
  for (const name of before.caches) if (isOurs(name)) await caches.delete(name);
  sessionStorage.clear();
  const left = await lookAtKept();
  return { found: countKept(before) - countKept(left), left };
}

/** What another tab uses, or what is gone already, stays as it is: the look afterwards says so. */
async function removeEntry(
  root: FileSystemDirectoryHandle,
  name: string,
): Promise<void> {
  try {
    await root.removeEntry(name, { recursive: true });
  } catch (error) {
    if (
      !(error instanceof DOMException) ||
      !["NotFoundError", "NoModificationAllowedError"].includes(error.name)
    )
      throw error;
  }
}
