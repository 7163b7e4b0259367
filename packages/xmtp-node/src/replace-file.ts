import { constants } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { ownerOnlyFile, syncDirectory } from "./private-directory.js";

/**
 * Puts bytes in the place of a file, for its owner alone to read. There are the old bytes or the new ones, whole, whenever the
 * process or the power dies; what it leaves then is called `names.next`, and the next call writes over it.
 *
 * @param directory - exists
 * @param names.next - while it is written; nobody else may write to it at the same time
 */
export async function replaceFile(
  directory: string,
  names: { file: string; next: string },
  bytes: Uint8Array,
): Promise<void> {
  const next = join(directory, names.next);
  const file = await open(
    next,
    constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_TRUNC |
      constants.O_NOFOLLOW,
    ownerOnlyFile,
  );
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, join(directory, names.file));
  await syncDirectory(directory);
}
