import { asCarryoverError } from "@carryover/client";
import { hasErrorCode } from "./error-code.js";

/**
 * Does something with files.
 *
 * @param what - failed, should it fail: "a temporary file could not be read"
 * @throws {CarryoverError} `diskError` for what the file system says; what is a `CarryoverError` already passes
 */
export async function onDisk<T>(
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(error, "diskError", what);
  }
}

/** `undefined` where the file system says that there is no such file. */
export async function unlessMissing<T>(
  promise: Promise<T>,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
