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
  return await takeProcessLock(place);
}
