import {
  asCarryoverError,
  CarryoverError,
  type CarryoverErrorCode,
} from "@carryover/client";

/** How long one call of the library may take that needs the network once or twice, milliseconds. */
export const callTimeoutMs = 60_000;

/**
 * How long fetching everything may take, milliseconds. A first sync of a long history can be slower; the library goes on
 * with it, and the next call finds it further.
 */
export const syncTimeoutMs = 2 * 60_000;

/**
 * Runs one call of the library and gives its failure the engine's words. The library itself waits for ever on a network
 * that takes a connection and stays silent, so the wait ends here; the call may still finish later, which harms nothing.
 *
 * @param what - for the message: "the inbox state could not be fetched"
 * @throws {CarryoverError} `code`, or `diskError` where the library says that its database could not be written, with the
 * library's error as cause
 */
export async function libraryCall<T>(
  what: string,
  work: () => T | Promise<T>,
  {
    code = "networkUnavailable",
    timeoutMs = callTimeoutMs,
    waitsForPerson = () => false,
  }: {
    code?: CarryoverErrorCode;
    timeoutMs?: number;
    /** While it says so the time does not end: a person may take as long as they like. */
    waitsForPerson?: () => boolean;
  } = {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const end = () => {
      if (waitsForPerson()) timer = setTimeout(end, timeoutMs);
      else
        reject(
          new CarryoverError(code, `${what}: no answer in ${timeoutMs} ms`),
        );
    };
    timer = setTimeout(end, timeoutMs);
  });
  try {
    return await Promise.race([(async () => await work())(), timeout]);
  } catch (error) {
    throw asLibraryError(error, code, what);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Gives a failure of the library the engine's words.
 *
 * @returns a {@link CarryoverError} as it is, else one with `code`, or `diskError` where the library could not write
 */
export function asLibraryError(
  error: unknown,
  code: CarryoverErrorCode,
  what: string,
): CarryoverError {
  return asCarryoverError(error, isOfTheDisk(error) ? "diskError" : code, what);
}

/** What SQLite and the system say of a full or broken disk, and of one that cannot be written to. The library has no codes. */
const wordsOfTheDisk =
  /database or disk is full|disk i\/o error|no space left on device|disk quota exceeded|file too large|(?:attempt to write a )?readonly database|read-only file system|unable to open (?:the )?database file/i;

const isOfTheDisk = (error: unknown): boolean =>
  error instanceof Error && wordsOfTheDisk.test(error.message);
