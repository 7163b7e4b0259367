import { CarryoverError } from "@carryover/client";
import { libraryCall } from "@carryover/xmtp-shared";
import { Opfs } from "@xmtp/browser-sdk";
import type { FileTree } from "./shield/memory-file-system.js";
import { startShielded } from "./shield/shielded-worker.js";

/** What a dormant installation's database is called in its own file system. */
export const databaseName = "dormant.db3";

/**
 * Puts a database into the files that the library keeps one in.
 *
 * @throws {CarryoverError} `accountFileDatabaseRefused`, `networkWallMissing`
 */
export async function filesOfDatabase(database: Uint8Array): Promise<FileTree> {
  return await withFiles(undefined, async (opfs, copyFiles) => {
    await libraryCall(
      "the library does not take the database",
      () => opfs.importDb(databaseName, database),
      { code: "accountFileDatabaseRefused" },
    );
    return await copyFiles();
  });
}

/**
 * Takes the database out of those files.
 *
 * @returns `undefined` when the library was in the middle of writing
 * @throws {CarryoverError} `diskError`, `networkWallMissing`
 */
export async function databaseOfFiles(
  files: FileTree,
): Promise<Uint8Array | undefined> {
  return await withFiles(files, (opfs) =>
    libraryCall(
      "the database could not be taken out",
      async () => {
        const names = await opfs.listFiles();
        if (!names.some((name) => isNamed(name, databaseName)))
          throw new CarryoverError(
            "diskError",
            "the library did not keep the database where it was told to",
          );
        // What stands beside it would be missing from a Backup Account File.
        return names.length === 1
          ? await opfs.exportDb(databaseName)
          : undefined;
      },
      { code: "diskError" },
    ),
  );
}

const isNamed = (path: string, name: string) =>
  path === name || path === `/${name}`;

async function withFiles<T>(
  files: FileTree | undefined,
  work: (opfs: Opfs, copyFiles: () => Promise<FileTree>) => Promise<T>,
): Promise<T> {
  const { started: opfs, shield } = await startShielded(() => Opfs.create(), {
    reach: { kind: "offline" },
    what: "the library could not be started",
    code: "diskError",
    ...(files && { files }),
  });
  try {
    return await work(opfs, () => shield.copyFiles());
  } finally {
    opfs.close();
  }
}
