import { CarryoverError } from "@carryover/client";
import { join } from "node:path";
import { makePrivateDirectory } from "../private-directory.js";
import { type ProcessLock, takeProcessLock } from "../process-lock.js";

/**
 * Keeps apart what writes with the same dormant installation and uses the same directory, also of several processes.
 *
 * @param directory - for work with Backup Account Files
 * @param installationId - 64 hex digits
 * @throws {CarryoverError} `stateLocked`, `diskError`
 */
export async function lockRefreshes(
  directory: string,
  installationId: string,
): Promise<ProcessLock> {
  if (!/^[0-9a-f]{64}$/.test(installationId))
    throw new Error("this is no installation id");
  const place = join(directory, "locks", installationId);
  await makePrivateDirectory(place);
  try {
    return await takeProcessLock(place);
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== "stateLocked")
      throw error;
    throw new CarryoverError(
      "stateLocked",
      "another command or app works with this Backup Account File, or a copy of it",
      { cause: error },
    );
  }
}
