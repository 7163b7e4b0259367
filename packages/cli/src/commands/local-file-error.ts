import {
  BackupFileError,
  type BackupFileErrorCode,
} from "@carryover/backup-file";
import { CarryoverError, type CarryoverErrorCode } from "@carryover/client";
import type {
  AccountFileError,
  AccountFileErrorCode,
} from "@carryover/xmtp-node";
import { type ExitCode, exitCodeFor, exitCodeForFile } from "../exit-code.js";

/**
 * What is wrong with a file that a person named. The same error of a file that came from another device tells to ask that
 * one again; here there is nobody to ask, and nothing was downloaded.
 */
export class LocalFileError extends Error {
  override readonly name = "LocalFileError";
  readonly code:
    BackupFileErrorCode | CarryoverErrorCode | AccountFileErrorCode;
  readonly advice: string;
  readonly retryable: boolean;
  readonly exitCode: ExitCode;

  constructor(
    error: BackupFileError | CarryoverError | AccountFileError,
    exitCode: ExitCode,
    { message = error.message, advice }: { message?: string; advice: string },
  ) {
    super(message, { cause: error });
    this.code = error.code;
    this.retryable = error.retryable;
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

const damaged =
  "The file is damaged. Copy it again from where it was kept, or make a new one.";
const cut =
  "The end of the file is missing. Copy it again from where it was kept, or make a new one.";
const unfinished =
  "What made this file did not finish it correctly. Make a new one.";

/** Where the general advice speaks of requests and downloads. */
const fileAdvice: Partial<Record<BackupFileErrorCode, string>> = {
  ageHeaderInvalid: damaged,
  fileAltered: damaged,
  trailingData: damaged,
  archiveHeaderInvalid: damaged,
  archiveMetadataMissing: damaged,
  recordAltered: damaged,
  zstdInvalid: damaged,
  fileTruncated: cut,
  archiveTruncated: cut,
  compressionInvalid: unfinished,
  headerInvalid: unfinished,
  frameInvalid: unfinished,
  recordTruncated: unfinished,
  recordInvalid: unfinished,
  manifestMissing: unfinished,
  manifestInvalid: unfinished,
  countMismatch: unfinished,
  contentMismatch: unfinished,
  codecUnsupported:
    "This is no Message Backup File, or one that a newer version made. Check that it is the right file.",
  identityMismatch:
    "This identity does not open this file. Use the one that it was made for.",
};

const engineAdvice: Partial<Record<CarryoverErrorCode, string>> = {
  importTimedOut:
    "The XMTP library did not finish importing. Import the file again: it goes on where it was.",
  importFailed:
    "The XMTP library could not import a part. Import the file again: it goes on where it was.",
  exportFailed:
    "The XMTP library could not write the history out. Run it again.",
};

/**
 * Puts an error about a local file in words that are true of one; anything else passes.
 *
 * @param kept - what was kept, as a sentence: "Nothing was imported."
 */
export function asLocalFileError(error: unknown, kept: string): unknown {
  if (error instanceof BackupFileError) {
    const advice = fileAdvice[error.code];
    return advice === undefined
      ? error
      : new LocalFileError(error, exitCodeForFile(error.code), {
          advice: `${kept} ${advice}`,
        });
  }
  if (!(error instanceof CarryoverError)) return error;
  // The engine says of every such file that it is damaged; what was wrong with it is the cause.
  if (
    error.code === "backupFileInvalid" &&
    error.cause instanceof BackupFileError
  )
    return asLocalFileError(error.cause, kept);
  const advice = engineAdvice[error.code];
  return advice === undefined
    ? error
    : new LocalFileError(error, exitCodeFor(error.code), {
        advice: `${kept} ${advice}`,
      });
}
