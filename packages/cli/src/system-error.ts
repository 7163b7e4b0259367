import { CliError } from "./cli-error.js";
import { redact } from "./redact.js";

const words: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "no space is left for this user on the disk",
  EFBIG: "the file may not become larger",
  EROFS: "the disk is read-only",
  EACCES: "there is no permission",
  EPERM: "there is no permission",
  ENOTDIR: "a part of the path is no directory",
  EISDIR: "it is a directory, not a file",
  ELOOP: "a link in the path leads to itself",
  ENAMETOOLONG: "the name is too long",
  ENXIO: "it is a device, not a file",
  ENOENT: "there is no such file or directory",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the disk does not work",
};

/** What the native library says, which gives no code. */
const nativeWords: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|database or disk is full/i, "ENOSPC"],
  [/read-?only (?:file system|database)/i, "EROFS"],
  [/unable to open (?:the )?database file|permission denied/i, "EACCES"],
];

/**
 * What the operating system would not do with a file, in words for a person.
 *
 * @returns `undefined` for any other error
 */
export function explainSystemError(error: unknown): CliError | undefined {
  const what = systemErrorWords(error);
  if (what === undefined || !(error instanceof Error)) return undefined;
  const path =
    "path" in error && typeof error.path === "string" ? error.path : undefined;
  return diskError(
    path === undefined ? what : `${what}: ${redact(path)}`,
    error,
  );
}

/** An error of the disk, in words for a person. */
export const diskError = (message: string, cause: unknown): CliError =>
  new CliError(
    "diskError",
    message,
    "What was there before is kept. Look for free space and permissions, or choose another place, then run it again.",
    { cause },
  );

/**
 * What the operating system says, in words for a person and without a path: "there is no permission".
 *
 * @returns `undefined` for any other error
 */
export const systemErrorWords = (error: unknown): string | undefined =>
  error instanceof Error ? words[codeOf(error) ?? ""] : undefined;

function codeOf(error: Error): string | undefined {
  if ("syscall" in error && "code" in error && typeof error.code === "string")
    return error.code;
  return nativeWords.find(([pattern]) => pattern.test(error.message))?.[1];
}
