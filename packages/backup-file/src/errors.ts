/** Everything that can be wrong with a Message Backup File or an XMTP archive, as one word each. */
export type BackupFileErrorCode =
  // The encrypted file
  | "formatUnknown"
  | "ageHeaderInvalid"
  | "recipientInvalid"
  | "identityInvalid"
  | "identityMismatch"
  | "fileTruncated"
  | "fileAltered"
  | "trailingData"
  // Its compression
  | "compressionInvalid"
  | "decompressionBomb"
  // Its plain form
  | "headerInvalid"
  | "versionUnsupported"
  | "codecUnsupported"
  | "schemaUnsupported"
  | "frameInvalid"
  | "recordTooLarge"
  | "recordTruncated"
  | "recordInvalid"
  | "manifestMissing"
  | "manifestInvalid"
  | "countMismatch"
  | "contentMismatch"
  // An XMTP archive
  | "archiveHeaderInvalid"
  | "archiveVersionUnsupported"
  | "archiveKeyInvalid"
  | "archiveKeyMismatch"
  | "archiveTruncated"
  | "archiveMetadataMissing"
  | "recordAltered"
  | "zstdInvalid"
  | "zstdWindowTooLarge"
  // Around it
  | "limitExceeded"
  | "sourceFailed"
  | "aborted";

const anotherCopy =
  "The file is damaged. Fetch it again, or ask for a new backup; nothing was imported from it.";
const newerVersion =
  "This file was made by a newer version. Update the app and open it again.";
const brokenProducer =
  "The app that made this file did not finish it correctly. Ask for a new backup.";

/** What a person can do about it, one line per code. */
const advice: Record<BackupFileErrorCode, string> = {
  formatUnknown:
    "This is neither a Message Backup File nor an XMTP archive. Check that it is the right file.",
  ageHeaderInvalid: anotherCopy,
  recipientInvalid: "Check the age recipient; it begins with “age1”.",
  identityInvalid: "Check the age identity; it begins with “AGE-SECRET-KEY-”.",
  identityMismatch:
    "This key does not open this file. Use the key of the request that it answers.",
  fileTruncated:
    "The end of the file is missing. Download or copy it again; nothing was imported from it.",
  fileAltered: anotherCopy,
  trailingData: anotherCopy,
  compressionInvalid: brokenProducer,
  decompressionBomb:
    "The file expands far beyond what a message history can. Do not open it.",
  headerInvalid: brokenProducer,
  versionUnsupported: newerVersion,
  codecUnsupported:
    "This is another kind of encrypted file, or was made by a newer version. Check that it is the right file, or update the app.",
  schemaUnsupported: newerVersion,
  frameInvalid: brokenProducer,
  recordTooLarge:
    "The file holds an entry larger than any message can be. Do not open it.",
  recordTruncated: brokenProducer,
  recordInvalid: brokenProducer,
  manifestMissing: brokenProducer,
  manifestInvalid: brokenProducer,
  countMismatch: brokenProducer,
  contentMismatch: brokenProducer,
  archiveHeaderInvalid: anotherCopy,
  archiveVersionUnsupported: newerVersion,
  archiveKeyInvalid: "An XMTP archive key is exactly 32 bytes. Check the key.",
  archiveKeyMismatch:
    "This key does not open this archive. Use the key that it was made with.",
  archiveTruncated:
    "The end of the archive is missing. Copy it again, or make a new one.",
  archiveMetadataMissing: anotherCopy,
  recordAltered: anotherCopy,
  zstdInvalid: anotherCopy,
  zstdWindowTooLarge:
    "The archive asks for more memory than any XMTP archive needs. Do not open it.",
  limitExceeded:
    "The backup is larger than this app accepts. Raise its limits, or make a backup of less.",
  sourceFailed: "The file could not be read. Try again.",
  aborted: "The operation was stopped. Start it again when you like.",
};

const retryable: ReadonlySet<BackupFileErrorCode> = new Set([
  "fileTruncated",
  "fileAltered",
  "sourceFailed",
  "aborted",
]);

/**
 * The one error of this package.
 *
 * Branch on `code`, never on the message. Neither message nor cause carries keys or message content.
 */
export class BackupFileError extends Error {
  override readonly name = "BackupFileError";
  /** What is wrong, as a word of a closed list. */
  readonly code: BackupFileErrorCode;
  /** Whether doing the same again (with a fresh download) can succeed. */
  readonly retryable: boolean;
  /** One line for a person: what to do next. */
  readonly advice: string;

  /**
   * @param code what is wrong
   * @param message lower case, no full stop: the field's path, expected and actual
   * @param cause the error underneath, if there is one
   */
  constructor(code: BackupFileErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable.has(code);
    this.advice = advice[code];
  }
}
