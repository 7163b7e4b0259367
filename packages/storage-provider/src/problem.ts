import {
  problemKinds,
  type StorageProviderError,
} from "./storage-provider-error.js";

/** Media type of every error answer (RFC 9457). */
export const problemMediaType = "application/problem+json";

/** What precedes a code in the `type` member of a problem document. */
export const problemTypePrefix = "urn:carryover:storage:problem:";

/**
 * The RFC 9457 document for an error.
 *
 * @param error what to tell
 * @returns the members, ready for `JSON.stringify`; `code`, `retryable` and `advice` are extension members
 */
export function problemDocument(
  error: StorageProviderError,
): Record<string, unknown> {
  return {
    type: `${problemTypePrefix}${error.code}`,
    title: problemKinds[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    advice: error.advice,
    ...error.members,
  };
}
