import {
  asCarryoverError,
  CarryoverError,
  type History,
  type RandomBytes,
} from "@carryover/client";
import { libraryCall } from "@carryover/xmtp-shared";
import { archiveElements, type XmtpClient } from "./sdk-values.js";

const keyBytes = 32;

/** How long an export may take, milliseconds: the library's own is slow, and grows faster than the history. */
const exportTimeoutMs = 60 * 60_000;

/**
 * XMTP archives, which the library takes and gives as bytes. A whole archive is in memory at least once while the library
 * makes it: that bounds how much history a browser can answer with. What is imported comes in small pieces.
 */
export function createArchiveBytes(
  client: XmtpClient,
  randomBytes: RandomBytes,
): Pick<History, "exportArchive" | "importArchive"> {
  return {
    exportArchive: async ({ elements, signal }) => {
      assertNotAborted(signal);
      const key = randomBytes(keyBytes);
      const exporting = libraryCall(
        "the library could not write the history out",
        () =>
          client.createArchive(key, {
            elements: elements.map((element) => archiveElements[element]),
            excludeDisappearingMessages: true,
          }),
        { code: "exportFailed", timeoutMs: exportTimeoutMs },
      );
      const bytes = await unlessAborted(exporting, signal);
      // The browser may keep it on its disk from here on, where it is gone with the page.
      let blob: Blob | undefined = new Blob([bytes as BlobPart]);
      return {
        archive: blob.stream(),
        key,
        written: Promise.resolve(),
        dispose: async () => {
          blob = undefined;
        },
      };
    },
    importArchive: async (archive, key, { timeoutMs }) =>
      importWithin(client, { archive, key, timeoutMs }),
  };
}

/**
 * The library's importer can spin for ever on bytes that it does not like, and cannot be told to stop: after a time-out the
 * client answers nothing any more until it is closed.
 */
async function importWithin(
  client: XmtpClient,
  {
    archive,
    key,
    timeoutMs,
  }: { archive: Uint8Array; key: Uint8Array; timeoutMs: number },
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
    await Promise.race([client.importArchive(archive, key), timeout]);
  } catch (error) {
    throw asCarryoverError(
      error,
      "importFailed",
      "the library refused a batch",
    );
  } finally {
    clearTimeout(timer);
  }
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stopped(signal);
}

function stopped(signal: AbortSignal): CarryoverError {
  return new CarryoverError("aborted", "the export was stopped", {
    cause: signal.reason,
  });
}

/** An export that nobody waits for any more goes on to its end; what it gives is let go. */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(stopped(signal));
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
