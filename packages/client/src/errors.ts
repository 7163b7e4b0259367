/** Everything that can stop the engine, as words to branch on. */
export type CarryoverErrorCode =
  // what the app or the person asked for
  | "aborted"
  | "cancelled"
  | "declined"
  | "closed"
  | "requestNotFound"
  | "responseNotFound"
  | "wrongState"
  | "invalidOption"
  | "noOtherInstallations"
  | "pinRequired"
  | "pinWrong"
  | "pinTriesUsedUp"
  | "pinConflict"
  // rules that were not met
  | "deviceSyncAnswers"
  | "codecMissing"
  | "channelNotPrivate"
  | "installationRevoked"
  | "requesterIsBackup"
  | "requestExpired"
  | "storageOriginNotAllowed"
  | "privateAddress"
  | "redirectRefused"
  // the other side's work
  | "responseInvalid"
  | "backupUrlOriginMismatch"
  | "hashMismatch"
  | "sizeMismatch"
  | "backupFileInvalid"
  | "backupOfAnotherInbox"
  // Backup Account Files
  | "accountBudgetLow"
  | "accountNotFound"
  | "accountFileNotFound"
  | "accountFileExists"
  | "accountFileOfAnotherAccount"
  | "accountFileOfAnotherEnvironment"
  | "accountFileRevoked"
  | "accountFileOlderCopy"
  | "accountFileFromNewerLibrary"
  | "accountFileFromOlderLibrary"
  | "accountFileDatabaseRefused"
  | "accountFileFailed"
  | "accountFileNotReplaced"
  | "networkWallMissing"
  | "protectionRequired"
  | "walletOfAnotherAccount"
  | "walletRefused"
  | "passkeyRefused"
  // the world
  | "networkUnavailable"
  | "storageUnavailable"
  | "storageRefused"
  | "uploadAuthorizationUsed"
  | "uploadAuthorizationWithdrawn"
  | "backupGone"
  | "backupTooLarge"
  | "importTimedOut"
  | "importFailed"
  | "exportFailed"
  | "stateUnreadable"
  | "stateLocked"
  | "diskError";

interface Meaning {
  retryable: boolean;
  advice: string;
}

const final = (advice: string): Meaning => ({ retryable: false, advice });
const later = (advice: string): Meaning => ({ retryable: true, advice });

const meanings: Record<CarryoverErrorCode, Meaning> = {
  aborted: later(
    "It was stopped on request. Nothing was lost: start it again to go on where it was.",
  ),
  cancelled: final(
    "The request was taken back. Nothing was imported. Ask again if you still want the history.",
  ),
  declined: final(
    "A person on the other device said no. Nothing was sent. If that was a mistake, ask again.",
  ),
  closed: final("Create a new instance: this one was closed."),
  requestNotFound: final(
    "Check the request id: there is no such request on this installation.",
  ),
  responseNotFound: later(
    "No app of yours has answered yet. Open one on another device, compare the PIN and approve there.",
  ),
  wrongState: final(
    "Look at the request's status: this step is not possible now.",
  ),
  invalidOption: final("Correct the option that the message names."),
  noOtherInstallations: final(
    "This account has no other installation that could answer. If you have a Backup Account File, restore from it.",
  ),
  pinRequired: final("Type the PIN that the asking device shows."),
  pinWrong: final(
    "Look at the PIN on the asking device and type it again. After three wrong tries the request is closed.",
  ),
  pinTriesUsedUp: final(
    "The request was closed after three wrong PINs. If it was yours, ask again from the new device.",
  ),
  pinConflict: final(
    "Two requests show the same PIN, so one of them may not be yours. Decline both, look for installations that you do not know, and ask again from the new device.",
  ),
  deviceSyncAnswers: final(
    "Create the XMTP client with disableDeviceSync: true. As it is, it hands the whole history to any installation that asks, without a person's yes.",
  ),
  codecMissing: final(
    "Create the XMTP client with the options that carryoverClientOptions() returns.",
  ),
  channelNotPrivate: final(
    "Someone else is in the channel that the request came through. Nothing was sent. Decline it.",
  ),
  installationRevoked: final(
    "The installation no longer belongs to the account. Nothing was sent to it.",
  ),
  requesterIsBackup: final(
    "The request came from a backup of your account, which may answer but never ask. Nothing was sent. Someone may have your Backup Account File: revoke it if that was not you.",
  ),
  requestExpired: final(
    "The request has expired. Ask again from the new device.",
  ),
  storageOriginNotAllowed: final(
    "The request names a storage service that this app does not use. Nothing was sent. If you run it, add it to the allowed origins.",
  ),
  privateAddress: final(
    "The storage service's name leads to a private network address. Nothing was sent. Decline the request.",
  ),
  redirectRefused: final(
    "The storage service sent us to another place, which is refused. Ask again through another storage service.",
  ),
  responseInvalid: final(
    "The answer does not fit the request, and was ignored. Ask again from this device.",
  ),
  backupUrlOriginMismatch: final(
    "The answer names a file at another place than the one agreed, and was ignored. Ask again.",
  ),
  hashMismatch: final(
    "The downloaded file is not the one that was sent. Nothing was imported. Ask again.",
  ),
  sizeMismatch: final(
    "The downloaded file has another size than announced. Nothing was imported. Ask again.",
  ),
  backupFileInvalid: final(
    "The backup file is damaged or incomplete. Nothing was imported. Ask again.",
  ),
  backupOfAnotherInbox: final(
    "The backup belongs to another account. Nothing was imported.",
  ),
  accountBudgetLow: final(
    "Your account has almost used up the installations or identity updates that XMTP allows. Nothing was changed. Revoke installations that you no longer use, and keep the rest for your devices.",
  ),
  accountNotFound: final(
    "There is no XMTP account for this wallet on this network. Nothing was changed. Choose the wallet of your account, or begin in an app for messages.",
  ),
  accountFileNotFound: final(
    "No Backup Account File can be read at this place. Check its name.",
  ),
  accountFileExists: final(
    "There is a file at this place already, and it was not touched. Choose another name.",
  ),
  accountFileOfAnotherAccount: final(
    "This Backup Account File belongs to another account. Nothing was changed. Open it with the account that made it.",
  ),
  accountFileOfAnotherEnvironment: final(
    "This Backup Account File belongs to another XMTP network. Nothing was changed. Open it on the network that it was made on.",
  ),
  accountFileRevoked: final(
    "This Backup Account File was revoked: it no longer belongs to the account, and cannot bring back anything. Use another file, or delete it.",
  ),
  accountFileOlderCopy: final(
    "Another copy of this Backup Account File was refreshed since, and this one misses what came after that. Nothing was changed. Use the newer copy. If there is none, because a refresh was interrupted, refresh this one anyway.",
  ),
  accountFileFromNewerLibrary: final(
    "This Backup Account File was written by a newer version of the XMTP library. Nothing was changed. Update the app and open it again.",
  ),
  accountFileFromOlderLibrary: final(
    "This Backup Account File was written by an older version of the XMTP library, and this one does not open it. Nothing was changed. Open it with the app that wrote it, and refresh it there with each version in between.",
  ),
  accountFileDatabaseRefused: final(
    "The XMTP library does not open what is in this Backup Account File. Nothing was changed. Use another copy, or the app that wrote it.",
  ),
  accountFileFailed: later(
    "The Backup Account File could not be finished. An installation was registered for it that no file holds: revoke it, then try again.",
  ),
  accountFileNotReplaced: later(
    "The keys of this Backup Account File were renewed on the network, and the newer file could not be put in its place. Make room there, and refresh it again now: conversations that others begin until then will be missing from it. It holds everything that it held before.",
  ),
  networkWallMissing: later(
    "The part of this app that keeps a copy from writing to the network could not be started, so nothing was opened, and your file is as good as before. Load the page again; if that does not help, use another browser, or the command line.",
  ),
  protectionRequired: final(
    "Say how the newer file is to be protected: a key that opens the file does not tell who else it was made for.",
  ),
  walletOfAnotherAccount: final(
    "This wallet belongs to another account. Nothing was changed. Choose the wallet of this account.",
  ),
  walletRefused: later(
    "The wallet did not sign. Nothing was changed. Try again and confirm in the wallet.",
  ),
  passkeyRefused: later(
    "The passkey was not used. Try again and confirm on your device. If it has no passkey that can encrypt, use a passphrase.",
  ),
  networkUnavailable: later(
    "The XMTP network cannot be reached. Nothing was sent or lost: try again when you are online.",
  ),
  storageUnavailable: later(
    "The storage service cannot be reached. Nothing was lost: try again later.",
  ),
  storageRefused: final(
    "The storage service refused. Ask again, or choose another storage service.",
  ),
  uploadAuthorizationUsed: final(
    "The upload authorization was already used. Ask again from the new device.",
  ),
  uploadAuthorizationWithdrawn: final(
    "The device that asked took its request back. Nothing is left to do here.",
  ),
  backupGone: final(
    "The storage service no longer has the backup. Ask again from this device.",
  ),
  backupTooLarge: final(
    "The backup is larger than the storage service or this app allows. Ask for a shorter time range.",
  ),
  importTimedOut: final(
    "The XMTP library did not finish importing. What was imported is kept. Restart the app and apply again: it goes on where it was.",
  ),
  importFailed: later(
    "The XMTP library could not import a part. What was imported is kept: apply again to go on.",
  ),
  exportFailed: later(
    "The XMTP library could not write the history out. Nothing was sent: try again.",
  ),
  stateUnreadable: final(
    "Carryover's own records cannot be read with this key. Messages are not touched. Use the right key, or remove the records and ask again.",
  ),
  stateLocked: later(
    "Another app, command or tab works with the same records. Close it, then try again.",
  ),
  diskError: later(
    "A file could not be read or written. Look for free space and permissions, then try again.",
  ),
};

/**
 * Thrown by everything in this package and its adapters. Branch on `code`; `message` is for developers, `advice` for
 * persons. Neither ever holds a key, a PIN, an address with an id, or a message's text.
 */
export class CarryoverError extends Error {
  override readonly name = "CarryoverError";
  readonly code: CarryoverErrorCode;
  /** Whether the same call can succeed later without anything new from a person. */
  readonly retryable: boolean;
  /** One line for a person: what was kept, and what to do next. */
  readonly advice: string;
  /**
   * An installation that may be registered and that no file holds: offer `revokeBackupAccountFile` for it. Public, 64 hex
   * digits.
   */
  readonly installationId: string | undefined;

  constructor(
    code: CarryoverErrorCode,
    message: string,
    options?: ErrorOptions & { installationId?: string },
  ) {
    super(message, options);
    this.code = code;
    this.installationId = options?.installationId;
    this.retryable = meanings[code].retryable;
    this.advice = meanings[code].advice;
  }
}

/** The advice for a code that was stored rather than thrown. */
export function adviceFor(code: CarryoverErrorCode): string {
  return meanings[code].advice;
}

/** Passes a {@link CarryoverError} on, and wraps anything else. */
export function asCarryoverError(
  error: unknown,
  code: CarryoverErrorCode,
  message: string,
): CarryoverError {
  if (error instanceof CarryoverError) return error;
  return new CarryoverError(code, message, { cause: error });
}
