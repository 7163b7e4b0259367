import {
  type AgeIdentity,
  BackupFileError,
  readMessageBackupFile,
} from "@carryover/backup-file";
import {
  AccountFileError,
  accountFileAt,
  createNodePorts,
  inspectBackupAccountFile,
} from "@carryover/xmtp-node";
import { exitCodes } from "../exit-code.js";
import { hint } from "../terminal/hint.js";
import { LocalFileError } from "./local-file-error.js";

/** A file that a command could not use, and what opens it. */
export interface UnusableFile {
  readonly path: string;
  readonly identities: readonly AgeIdentity[];
  readonly signal: AbortSignal;
}

/**
 * Says what a file is that is no Backup Account File, where it is the other kind that this command writes.
 *
 * @returns a {@link LocalFileError} for a Message Backup File; else the error as it was
 */
export async function orItIsMessageBackupFile(
  error: unknown,
  file: UnusableFile,
): Promise<unknown> {
  if (
    !(error instanceof AccountFileError) ||
    error.code !== "notAccountFile" ||
    !(await isMessageBackupFile(file))
  )
    return error;
  return new LocalFileError(error, exitCodes.usage, {
    message: "this is a Message Backup File, not a Backup Account File",
    advice: `Nothing was changed. Look at it with: ${hint("inspect FILE")}`,
  });
}

/**
 * Says what a file is that is no Message Backup File, where it is the other kind that this command writes.
 *
 * @param kept - what was kept, as a sentence: "Nothing was imported."
 * @returns a {@link LocalFileError} for a Backup Account File; else the error as it was
 */
export async function orItIsAccountFile(
  error: unknown,
  file: UnusableFile,
  kept: string,
): Promise<unknown> {
  // The engine says of every such file that it is damaged; what was wrong with it is the cause.
  const reason =
    error instanceof Error && error.cause instanceof BackupFileError
      ? error.cause
      : error;
  if (
    !(reason instanceof BackupFileError) ||
    reason.code !== "codecUnsupported" ||
    !(await isAccountFile(file))
  )
    return error;
  return new LocalFileError(reason, exitCodes.usage, {
    message: "this is a Backup Account File, not a Message Backup File",
    advice: `${kept} Look at it with: ${hint("account inspect --open FILE")}`,
  });
}

/** Whether a file begins as one, whatever becomes of the rest. */
async function isMessageBackupFile({
  path,
  ...how
}: UnusableFile): Promise<boolean> {
  let isOne = false;
  try {
    const { elements } = await readMessageBackupFile({
      file: await accountFileAt(path).open(),
      ports: createNodePorts(),
      ...how,
    });
    isOne = true;
    // The file is closed when its reader goes away, and not before one came.
    const reader = elements[Symbol.asyncIterator]();
    await reader.next();
    await reader.return?.();
  } catch (error) {
    isOne ||=
      error instanceof BackupFileError && error.code === "versionUnsupported";
  }
  return isOne;
}

async function isAccountFile({
  path,
  identities,
  signal,
}: UnusableFile): Promise<boolean> {
  try {
    await inspectBackupAccountFile({
      file: accountFileAt(path),
      secret: { kind: "identities", identities },
      signal,
    });
    return true;
  } catch (error) {
    return (
      error instanceof AccountFileError &&
      error.code !== "notAccountFile" &&
      error.code !== "aborted"
    );
  }
}
