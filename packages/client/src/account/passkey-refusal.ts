import { CarryoverError } from "../errors.js";

const maxCauses = 8;

/**
 * Runs work that may ask a person for a passkey. The container takes whatever an identity throws for a file that is damaged,
 * and keeps it as the cause: a person who said no is not told that.
 *
 * @throws {CarryoverError} `passkeyRefused`; else what the work throws
 */
export async function sayingWhoRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalBehind(error) ?? error;
  }
}

function refusalBehind(error: unknown): CarryoverError | undefined {
  let behind = error;
  for (let seen = 0; seen < maxCauses && behind instanceof Error; seen += 1) {
    if (behind instanceof CarryoverError && behind.code === "passkeyRefused")
      return behind;
    behind = behind.cause;
  }
  return undefined;
}
