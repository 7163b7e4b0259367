import { refused } from "./storage-errors.js";

/** The members of a JSON object, or of anything else none. */
export type Members = Readonly<Record<string, unknown>>;

/** An answer of a storage service whose body was not read yet. */
export interface StorageAnswer {
  readonly status: number;
  /** Lets go of it unread. */
  drop(): void;
  /**
   * Reads it as a small JSON object.
   *
   * @throws {CarryoverError} `storageRefused` when it is too large or no JSON object, `storageUnavailable`, `aborted`
   */
  readJson(): Promise<Members>;
}

/**
 * Reads the text of an answer.
 *
 * @throws {CarryoverError} `storageRefused`
 */
export function parseMembers(text: string): Members {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused("the storage service does not answer with a JSON object");
  return value as Members;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause: that quotes the text.
    return undefined;
  }
}

/** The JSON object of an answer that is an error anyway: whatever is wrong with it is no news. */
export async function readProblem(answer: StorageAnswer): Promise<Members> {
  try {
    return await answer.readJson();
  } catch {
    return {};
  }
}
