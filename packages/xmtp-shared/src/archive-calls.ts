import { CarryoverError } from "@carryover/client";
import { asLibraryError, libraryCall } from "./library-call.js";

/** How long an XMTP archive's key is, bytes. */
export const archiveKeyBytes = 32;

/** How long an export may take, milliseconds: the library's own is slow, and grows faster than the history. */
const exportTimeoutMs = 60 * 60_000;

/**
 * Runs the library's export.
 *
 * @param work - is not called when the signal was aborted before
 * @throws {CarryoverError} `exportFailed`, `diskError`, `aborted`
 */
export async function exportCall<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return await libraryCall(
    "the library could not write the history out",
    () => {
      assertExportNotAborted(signal);
      return work();
    },
    { code: "exportFailed", timeoutMs: exportTimeoutMs },
  );
}

/**
 * Runs the library's import of one batch. The library can spin for ever on bytes that it does not like, and cannot be told to
 * stop.
 *
 * @throws {CarryoverError} `importTimedOut`, `importFailed`, `diskError`
 */
export async function importCall(
  work: () => Promise<void>,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new CarryoverError(
            "importTimedOut",
            `the library did not finish a batch in ${timeoutMs} ms`,
          ),
        ),
      timeoutMs,
    );
  });
  try {
    await Promise.race([work(), timeout]);
  } catch (error) {
    throw asLibraryError(error, "importFailed", "the library refused a batch");
  } finally {
    clearTimeout(timer);
  }
}

/** @throws {CarryoverError} `aborted` */
export function assertExportNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stopped(signal);
}

/**
 * Waits for an export until the signal aborts. One that nobody waits for any more goes on to its end.
 *
 * @throws {CarryoverError} `aborted`; and what the export fails with
 */
export async function unlessExportAborted<T>(
  exporting: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await exporting;
  // Whoever stopped it hears of no other end.
  exporting.catch(() => undefined);
  assertExportNotAborted(signal);
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(stopped(signal));
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([exporting, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function stopped(signal: AbortSignal): CarryoverError {
  return new CarryoverError("aborted", "the export was stopped", {
    cause: signal.reason,
  });
}
