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
import {
  archiveKeyBytes,
  assertExportNotAborted,
  exportCall,
  importCall,
  unlessExportAborted,
} from "@carryover/xmtp-shared";
import { readFileHandle } from "./file-stream.js";
import { makePrivateDirectory, ownerOnlyFile } from "./private-directory.js";
import { archiveElements, type XmtpClient } from "./sdk-values.js";

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
      assertExportNotAborted(signal);
      const key = randomBytes(archiveKeyBytes);
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
        await importCall(() => client.importArchive(path, key), { timeoutMs });
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
  const writing = exportCall(() => write(path), signal);
  // An export that nobody waits for any more goes on to its end, or fails: its file is deleted then, too.
  writing.then(remove, remove).catch(() => undefined);
  const written = unlessExportAborted(writing, signal).finally(remove);
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
