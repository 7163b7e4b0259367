import { clearCarryoverStorage } from "@carryover/xmtp-browser";
import { countKept, type Kept, lookAtKept } from "./kept.js";

/** How Carryover calls caches. Other pages of the same origin keep theirs. */
const isOurCache = (name: string): boolean => name.startsWith("carryover");

/** What came of clearing. */
export interface Cleared {
  /** Things that were there before, and are gone. */
  readonly found: number;
  /** What is there now: of other pages, in use by another tab, or kept on purpose. */
  readonly left: Kept;
}

/** What becomes of the notes of files that were begun and not finished: ids alone. */
export type UnfinishedNotes = "kept" | "removed";

/**
 * Deletes everything that this page keeps in the browser: files, databases, caches, and the notes of the session. What
 * is only in memory is gone with the tasks, which are to be disposed of before.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function clearEverything({
  unfinishedNotes,
}: {
  unfinishedNotes: UnfinishedNotes;
}): Promise<Cleared> {
  const before = await lookAtKept();
  // What an app at the same address is at work with stays.
  await clearCarryoverStorage({ unfinishedFiles: unfinishedNotes });
  for (const name of before.caches)
    if (isOurCache(name)) await caches.delete(name);
  sessionStorage.clear();
  const left = await lookAtKept();
  return { found: countKept(before) - countKept(left), left };
}
