import { CarryoverError } from "@carryover/client";
import { join } from "node:path";
import { makePrivateDirectory } from "../private-directory.js";
import { type ProcessLock, takeProcessLock } from "../process-lock.js";

/**
 * Keeps two refreshes apart that use the same directory, also of several processes.
 *
 * @param directory - for work with Backup Account Files
 * @throws {CarryoverError} `stateLocked`, `diskError`
 */
export async function lockRefreshes(directory: string): Promise<ProcessLock> {
  const place = join(directory, "refresh-lock");
  await makePrivateDirectory(place);
  try {
    return await takeProcessLock(place);
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== "stateLocked")
      throw error;
    throw new CarryoverError(
      "stateLocked",
      "another refresh of a Backup Account File is under way",
      { cause: error },
    );
  }
}
