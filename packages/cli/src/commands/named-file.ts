import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError } from "../cli-error.js";
import { asUnreadable } from "../profile/secret-file.js";

/**
 * Looks whether a file that a person named is there, holds something and may be read, before anything is made of what is in
 * it. It is read more than once, which a pipe cannot be.
 *
 * @returns its size, bytes
 * @throws {CliError} `fileMissing`, `fileUnreadable`
 */
export async function assertNamedFile(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile())
      throw new CliError(
        "fileUnreadable",
        found.isDirectory()
          ? `${path} is a directory, not a file`
          : `${path} is not a file`,
        "Nothing was opened. Name the backup file itself.",
      );
    if (found.size === 0)
      throw new CliError(
        "fileUnreadable",
        `${path} is empty`,
        "Nothing was opened. Copy the file again from where it was kept, or name another one.",
      );
    await (await open(path)).close();
    return found.size;
  } catch (error) {
    throw asUnreadable(error, path, "Nothing was changed.");
  }
}

/**
 * Refuses to write a file where a directory is, or where there is none to write it in: before anybody is asked anything.
 *
 * @param path - absolute
 * @param like - what a file there could be called
 * @throws {CliError} `usage`, `fileMissing`
 */
export async function assertPlaceForFile(
  path: string,
  like: string,
): Promise<void> {
  if (await isDirectory(path))
    throw new CliError(
      "usage",
      `${path} is a directory`,
      `Nothing was made. Give the file a name in it, such as ${join(path, like)}.`,
    );
  if (!(await isDirectory(dirname(path))))
    throw new CliError(
      "fileMissing",
      `there is no directory ${dirname(path)}`,
      "Nothing was written. Make it first, or choose another place.",
    );
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
