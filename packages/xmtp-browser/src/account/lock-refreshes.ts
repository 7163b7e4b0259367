import { CarryoverError } from "@carryover/client";
import { accountFileLockOf } from "../names.js";
import { type HeldLock, takeLock } from "../own-lock.js";

/**
 * Keeps apart what writes with the same dormant installation in this browser, also in several tabs.
 *
 * @param installationId - 64 hex digits
 * @throws {CarryoverError} `stateLocked`, `invalidOption`
 */
export async function lockRefreshes(installationId: string): Promise<HeldLock> {
  const lock = await takeLock(accountFileLockOf(installationId));
  if (lock === undefined)
    throw new CarryoverError(
      "stateLocked",
      "this page or another tab works with this Backup Account File, or a copy of it",
    );
  return lock;
}
