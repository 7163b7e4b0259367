import type { BackupFileErrorCode } from "@carryover/backup-file";
import type { CarryoverErrorCode } from "@carryover/client";
import type { AccountFileErrorCode } from "@carryover/xmtp-node";

/** What the command's exit status says. Documented in `docs/guide/command-line.md`. */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** Failed, and trying the same again will not help by itself. */
  failed: 1,
  /** The command line, a value in it or a file that it names is not right. */
  usage: 2,
  /** Nothing to do, or nothing to do yet: no request, no answer. */
  pending: 3,
  /** A security rule said no. */
  refused: 4,
  /** Something cannot be reached or is in use: the same command can succeed later. */
  unavailable: 5,
  /** The request is over without a transfer: declined, expired or taken back. */
  over: 6,
  /** Stopped with Ctrl-C. */
  interrupted: 130,
  /** Stopped with SIGTERM. */
  terminated: 143,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byCarryoverCode: Record<CarryoverErrorCode, ExitCode> = {
  aborted: exitCodes.interrupted,
  closed: exitCodes.failed,
  requestNotFound: exitCodes.usage,
  responseNotFound: exitCodes.pending,
  wrongState: exitCodes.failed,
  invalidOption: exitCodes.usage,
  noOtherInstallations: exitCodes.pending,
  pinRequired: exitCodes.refused,
  pinWrong: exitCodes.refused,
  pinTriesUsedUp: exitCodes.refused,
  pinConflict: exitCodes.refused,
  deviceSyncAnswers: exitCodes.refused,
  codecMissing: exitCodes.failed,
  channelNotPrivate: exitCodes.refused,
  installationRevoked: exitCodes.refused,
  requestExpired: exitCodes.over,
  declined: exitCodes.over,
  cancelled: exitCodes.over,
  storageOriginNotAllowed: exitCodes.refused,
  privateAddress: exitCodes.refused,
  redirectRefused: exitCodes.refused,
  requesterIsBackup: exitCodes.refused,
  responseInvalid: exitCodes.refused,
  backupUrlOriginMismatch: exitCodes.refused,
  hashMismatch: exitCodes.refused,
  sizeMismatch: exitCodes.refused,
  backupFileInvalid: exitCodes.refused,
  backupOfAnotherInbox: exitCodes.refused,
  accountBudgetLow: exitCodes.refused,
  accountNotFound: exitCodes.usage,
  accountFileNotFound: exitCodes.usage,
  accountFileExists: exitCodes.usage,
  accountFileOfAnotherAccount: exitCodes.refused,
  accountFileOfAnotherEnvironment: exitCodes.refused,
  accountFileRevoked: exitCodes.refused,
  accountFileOlderCopy: exitCodes.refused,
  accountFileFromNewerLibrary: exitCodes.failed,
  accountFileFromOlderLibrary: exitCodes.failed,
  accountFileDatabaseRefused: exitCodes.failed,
  accountFileFailed: exitCodes.failed,
  accountFileNotReplaced: exitCodes.failed,
  networkWallMissing: exitCodes.failed,
  protectionRequired: exitCodes.usage,
  walletOfAnotherAccount: exitCodes.refused,
  walletRefused: exitCodes.refused,
  passkeyRefused: exitCodes.refused,
  networkUnavailable: exitCodes.unavailable,
  storageUnavailable: exitCodes.unavailable,
  storageRefused: exitCodes.failed,
  uploadAuthorizationUsed: exitCodes.failed,
  uploadAuthorizationWithdrawn: exitCodes.failed,
  backupGone: exitCodes.over,
  backupTooLarge: exitCodes.failed,
  importTimedOut: exitCodes.unavailable,
  importFailed: exitCodes.unavailable,
  exportFailed: exitCodes.unavailable,
  stateUnreadable: exitCodes.failed,
  stateLocked: exitCodes.unavailable,
  diskError: exitCodes.failed,
};

/** The exit status for an error of the engine. */
export function exitCodeFor(code: CarryoverErrorCode): ExitCode {
  return byCarryoverCode[code];
}

/** The exit status for a file that cannot be read: most of it is a refusal to believe it. */
export function exitCodeForFile(code: BackupFileErrorCode): ExitCode {
  switch (code) {
    case "identityInvalid":
    case "identityMismatch":
    case "recipientInvalid":
    case "archiveKeyInvalid":
    case "archiveKeyMismatch":
    case "formatUnknown":
      return exitCodes.usage;
    case "sourceFailed":
      return exitCodes.unavailable;
    case "aborted":
      return exitCodes.interrupted;
    default:
      return exitCodes.refused;
  }
}

/** The exit status for a Backup Account File that does not open, or a protection that will not do. */
export function exitCodeForAccountFile(code: AccountFileErrorCode): ExitCode {
  switch (code) {
    case "notAccountFile":
    case "protectionMismatch":
    case "passphraseInvalid":
    case "workFactorInvalid":
    case "walletInputInvalid":
    case "walletIsContract":
    case "walletNotDeterministic":
    case "recipientInvalid":
    case "identityInvalid":
    case "wrongIdentity":
    case "wrongWallet":
      return exitCodes.usage;
    case "versionUnsupported":
      return exitCodes.failed;
    case "databaseChanged":
    case "sourceFailed":
      return exitCodes.unavailable;
    case "aborted":
      return exitCodes.interrupted;
    default:
      return exitCodes.refused;
  }
}
