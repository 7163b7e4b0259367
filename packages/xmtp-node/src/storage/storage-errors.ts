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

/** Gives an error of Node's HTTP the engine's words. */
export function networkError(error: unknown): CarryoverError {
  if (error instanceof CarryoverError) return error;
  const code =
    error instanceof Error && "code" in error ? String(error.code) : "";
  // Node hangs the bytes of the answer on its parser's errors, and they may be a secret URL: no cause here.
  if (code === "HPE_HEADER_OVERFLOW")
    return refused("the storage service answers with too many headers");
  if (code.startsWith("HPE_"))
    return refused(`the storage service does not speak HTTP (${code})`);
  return unavailable("the storage service cannot be reached", error);
}

/**
 * What a status means that is not the one hoped for.
 *
 * @param code - the service's own word for the problem, if it gave one that is known to be no secret
 */
export function statusError(status: number, code?: string): CarryoverError {
  const what = `the storage service answers ${status}${code === undefined ? "" : ` (${code})`}`;
  if (status === 413) return new CarryoverError("backupTooLarge", what);
  if (status === 409)
    return new CarryoverError("uploadAuthorizationUsed", what);
  // Too early, too often, too slow, too full, or broken: it may work later.
  if ([408, 421, 425, 429].includes(status) || status >= 500)
    return unavailable(what);
  return refused(what);
}
