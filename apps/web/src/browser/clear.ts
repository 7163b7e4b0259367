import { clearCarryoverStorage } from "@carryover/xmtp-browser";
import { countKept, type Kept, lookAtKept } from "./kept.js";

/** Where Carryover keeps files, and how it calls caches. Other pages of the same origin keep theirs. */
const filesDirectory = "carryover";
const isOurCache = (name: string): boolean => name.startsWith("carryover");

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
 * @param known - what was there, if somebody has looked already
 * @throws {CarryoverError} `diskError`
 */
export async function clearEverything(known?: Kept): Promise<Cleared> {
  const before = known ?? (await lookAtKept());
  const { inUse } = await clearCarryoverStorage();
  // An app at the same address may be at work with its own.
  if (inUse === 0) await removeFiles();
  for (const name of before.caches)
    if (isOurCache(name)) await caches.delete(name);
  sessionStorage.clear();
  const left = await lookAtKept();
  return { found: countKept(before) - countKept(left), left };
}

async function removeFiles(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  try {
    await root.removeEntry(filesDirectory, { recursive: true });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotFoundError")
      throw error;
  }
}
