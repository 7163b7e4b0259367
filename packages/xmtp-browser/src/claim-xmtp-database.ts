import { CarryoverError } from "@carryover/client";
import { type HeldLock, takeLock } from "./own-lock.js";

/**
 * Makes this tab the one that opens the XMTP database. One tab of an origin can: to a second one the SDK gives, without an
 * error, an empty database in memory, and registers a new installation in it. Call this before `Client.create` and
 * `Client.build` with a database that is kept, and release it after `client.close()`; a tab that is closed releases it too.
 *
 * @throws {CarryoverError} `stateLocked` when another tab has it, `invalidOption` where the browser has no Web Locks
 */
export async function claimXmtpDatabase(): Promise<HeldLock> {
  const lock = await takeLock("carryover-xmtp-database");
  if (lock === undefined)
    throw new CarryoverError(
      "stateLocked",
      "another tab of this app has the XMTP database open",
    );
  return lock;
}
