import { CliError } from "../cli-error.js";
import { systemErrorWords } from "../system-error.js";
import { isMissing, readPrivateFile } from "./private-file.js";

/**
 * Reads a secret from a file that a person named.
 *
 * @param kept - what was kept, as a sentence: "Nothing was opened."
 * @throws {CliError} `fileMissing`, `fileUnreadable`, `notPrivate`; `usage` for a directory
 */
export async function readSecretFile(
  path: string,
  kept: string,
): Promise<string> {
  const text = await readSecretFileIfThere(path, kept);
  if (text === undefined) throw noFile(path, kept);
  return text;
}

/**
 * The same, where there may be none.
 *
 * @returns `undefined` when there is no such file
 * @throws {CliError} `fileUnreadable`, `notPrivate`; `usage` for a directory
 */
export async function readSecretFileIfThere(
  path: string,
  kept: string,
): Promise<string | undefined> {
  try {
    return await readPrivateFile(path);
  } catch (error) {
    throw asUnreadable(error, path, kept);
  }
}

/** What the system would not do with a file that a person named, as a mistake in what they named; else the same error. */
export function asUnreadable(
  error: unknown,
  path: string,
  kept: string,
): unknown {
  if (isMissing(error)) return noFile(path, kept, { cause: error });
  const what = systemErrorWords(error);
  return what === undefined || error instanceof CliError
    ? error
    : new CliError(
        "fileUnreadable",
        `${path} cannot be read: ${what}`,
        `${kept} Check the path, and whether you may read it.`,
        { cause: error },
      );
}

const noFile = (path: string, kept: string, options?: ErrorOptions) =>
  new CliError(
    "fileMissing",
    `there is no file ${path}`,
    `${kept} Check the path.`,
    options,
  );
