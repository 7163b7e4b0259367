import { constants } from "node:fs";
import {
  type FileHandle,
  mkdtemp,
  open,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import {
  asCarryoverError,
  CarryoverError,
  type ExportedArchive,
  type History,
  type RandomBytes,
} from "@carryover/client";
import { readFileHandle } from "./file-stream.js";
import { asLibraryError, libraryCall } from "./library-call.js";
import { makePrivateDirectory, ownerOnlyFile } from "./private-directory.js";
import { archiveElements, type XmtpClient } from "./sdk-values.js";

const keyBytes = 32;

/** How long an export may take, milliseconds: the library's own is slow, and grows faster than the history. */
const exportTimeoutMs = 60 * 60_000;

/**
 * XMTP archives, which the library reads and writes as files alone: each in a private directory of its own, gone as soon
 * as it was used. What a crash has left is deleted here; nobody has the keys to it.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function createArchiveFiles(
  client: XmtpClient,
  directory: string,
  randomBytes: RandomBytes,
): Promise<Pick<History, "exportArchive" | "importArchive">> {
  await makePrivateDirectory(directory);
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true });
  return {
    exportArchive: async ({ elements, signal }) => {
      assertNotAborted(signal);
      const key = randomBytes(keyBytes);
      return await writeArchive(
        directory,
        key,
        (path) =>
          client.createArchive(path, key, {
            elements: elements.map((element) => archiveElements[element]),
            excludeDisappearingMessages: true,
          }),
        signal,
      );
    },
    importArchive: async (archive, key, { timeoutMs }) => {
      const own = await makeOwnDirectory(directory);
      try {
        const path = join(own, "archive");
        await writeFile(path, archive, { mode: ownerOnlyFile, flag: "wx" });
        await importWithin(client, { path, key, timeoutMs });
      } catch (error) {
        throw asCarryoverError(
          error,
          "diskError",
          "the archive could not be written for the library",
        );
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
  };
}

/** The library's importer can spin for ever on bytes that it does not like, and cannot be told to stop. */
async function importWithin(
  client: XmtpClient,
  {
    path,
    key,
    timeoutMs,
  }: { path: string; key: Uint8Array; timeoutMs: number },
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
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
    await Promise.race([client.importArchive(path, key), timeout]);
  } catch (error) {
    throw asLibraryError(error, "importFailed", "the library refused a batch");
  } finally {
    clearTimeout(timer);
  }
}

/** Starts the writing, and opens what is written. The file has no name any more once the library is done with it. */
async function writeArchive(
  directory: string,
  key: Uint8Array,
  write: (path: string) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<ExportedArchive> {
  const own = await makeOwnDirectory(directory);
  const remove = () => rm(own, { recursive: true, force: true });
  const path = join(own, "archive");
  const file = await openEmpty(path).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const writing = libraryCall(
    "the library could not write the history out",
    () => {
      assertNotAborted(signal);
      return write(path);
    },
    { code: "exportFailed", timeoutMs: exportTimeoutMs },
  );
  // An export that nobody waits for any more goes on to its end, or fails: its file is deleted then, too.
  writing.then(remove, remove).catch(() => undefined);
  const written = unlessAborted(writing, signal).finally(remove);
  written.catch(() => undefined);
  return {
    archive: readFileHandle(file, written),
    key,
    written,
    dispose: async () => {
      await file.close();
      await remove();
    },
  };
}

/** The library keeps the mode of a file that is there, and writes into it. */
async function openEmpty(path: string): Promise<FileHandle> {
  try {
    await writeFile(path, "", { mode: ownerOnlyFile, flag: "wx" });
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw asCarryoverError(
      error,
      "diskError",
      "a file for the history could not be made",
    );
  }
}

async function makeOwnDirectory(directory: string): Promise<string> {
  try {
    return await mkdtemp(join(directory, "archive-"));
  } catch (error) {
    throw new CarryoverError(
      "diskError",
      "a temporary directory could not be made",
      { cause: error },
    );
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

async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  assertNotAborted(signal);
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
