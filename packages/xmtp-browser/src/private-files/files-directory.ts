import { filesDirectory, filesLock } from "../names.js";
import { inTurn } from "../own-lock.js";
import {
  findDirectory,
  namesIn,
  openPrivateRoot,
  removeDirectory,
  removeIfEmpty,
} from "./private-directories.js";

/** What lies in the directory of Carryover's own files; nothing where there is none. */
export async function listFilesDirectory(): Promise<string[]> {
  const root = await openPrivateRoot();
  const found = root && (await findDirectory(root, [filesDirectory]));
  return found === undefined ? [] : await namesIn(found);
}

/** Removes one directory of Carryover's own files, and the place of all of them once there is none left. */
export async function removeFromFilesDirectory(name: string): Promise<void> {
  const root = await openPrivateRoot();
  if (root === undefined) return;
  await inTurn(filesLock, async () => {
    await removeDirectory(root, [filesDirectory, name]);
    await removeIfEmpty(root, [filesDirectory]);
  });
}
