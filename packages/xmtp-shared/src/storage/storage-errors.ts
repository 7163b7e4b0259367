import { CarryoverError } from "@carryover/client";

/** The service cannot be reached, or went away. */
export function unavailable(why: string, cause?: unknown): CarryoverError {
  return new CarryoverError("storageUnavailable", why, { cause });
}

/** The service was reached and does not do it. */
export function refused(why: string): CarryoverError {
  return new CarryoverError("storageRefused", why);
}

/** What an abort signal stopped. */
export function stopped(signal: AbortSignal | undefined): CarryoverError {
  return new CarryoverError("aborted", "the transfer was stopped", {
    cause: signal?.reason,
  });
}

/**
 * What a status means that is not the one hoped for.
 *
 * @param code - the service's own word for the problem, if it gave one that is known to be no secret
 */
export function statusError(status: number, code?: string): CarryoverError {
  const what = `the storage service answers ${status}${code === undefined ? "" : ` (${code})`}`;
  if (status === 413) return new CarryoverError("backupTooLarge", what);
  if (status === 409 && code === "withdrawn")
    return new CarryoverError("uploadAuthorizationWithdrawn", what);
  if (status === 409)
    return new CarryoverError("uploadAuthorizationUsed", what);
  // Too early, too often, too slow, too full, or broken: it may work later.
  if ([408, 421, 425, 429].includes(status) || status >= 500)
    return unavailable(what);
  return refused(what);
}
