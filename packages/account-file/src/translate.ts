import {
  BackupFileError,
  type BackupFileErrorCode,
} from "@carryover/backup-file";
import { AccountFileError, type AccountFileErrorCode } from "./errors.js";

/** What the layers below can say, in this package's words. */
const codes: Partial<Record<BackupFileErrorCode, AccountFileErrorCode>> = {
  formatUnknown: "notAccountFile",
  ageHeaderInvalid: "altered",
  recipientInvalid: "recipientInvalid",
  identityInvalid: "identityInvalid",
  identityMismatch: "wrongIdentity",
  fileTruncated: "truncated",
  fileAltered: "altered",
  trailingData: "trailingData",
  codecUnsupported: "compressionInvalid",
  compressionInvalid: "compressionInvalid",
  decompressionBomb: "decompressionBomb",
  sourceFailed: "sourceFailed",
  aborted: "aborted",
};

/** The error as one of this package, if it comes from a layer below; anything else as it is. */
export const translate = (error: unknown): unknown => {
  if (!(error instanceof BackupFileError)) return error;
  const code = codes[error.code];
  return code === undefined
    ? error
    : new AccountFileError(code, error.message, error.cause);
};

/** @throws AccountFileError `aborted` once the signal has fired */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true)
    throw new AccountFileError(
      "aborted",
      "stopped by the caller",
      signal.reason,
    );
};
