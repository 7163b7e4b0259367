/** Everything that can be wrong with a Backup Account File, or with what protects it, as one word each. */
export type AccountFileErrorCode =
  // The file
  | "notAccountFile"
  | "versionUnsupported"
  | "truncated"
  | "altered"
  | "trailingData"
  | "headerInvalid"
  | "compressionInvalid"
  | "decompressionBomb"
  | "databaseMismatch"
  | "tooLarge"
  // What protects it
  | "protectionMismatch"
  | "passphraseInvalid"
  | "wrongPassphrase"
  | "workFactorInvalid"
  | "workFactorTooHigh"
  | "walletInputInvalid"
  | "walletSignatureInvalid"
  | "walletIsContract"
  | "walletSignatureMismatch"
  | "walletNotDeterministic"
  | "wrongWallet"
  | "recipientInvalid"
  | "identityInvalid"
  | "wrongIdentity"
  // Writing
  | "databaseInvalid"
  | "databaseChanged"
  // Around it
  | "sourceFailed"
  | "aborted";

const anotherCopy =
  "The file is damaged. Use another copy of it; nothing was restored from this one.";
const brokenProducer =
  "The app that made this file did not finish it correctly. Use another copy, or make a new file with an app that still has your account.";
const doNotOpen =
  "No app makes a Backup Account File like this. Do not open it; use another copy.";
const otherProtection =
  "This wallet cannot protect a Backup Account File. Use a passphrase, or another wallet.";

/** What a person can do about it, one line per code. */
const advice: Record<AccountFileErrorCode, string> = {
  notAccountFile:
    "This is not a Backup Account File. Check that it is the right file.",
  versionUnsupported:
    "This file was made by a newer version. Update the app and open it again.",
  truncated:
    "The end of the file is missing. Download or copy it again; nothing was restored from it.",
  altered: anotherCopy,
  trailingData: anotherCopy,
  headerInvalid: brokenProducer,
  compressionInvalid: brokenProducer,
  decompressionBomb: doNotOpen,
  databaseMismatch: brokenProducer,
  tooLarge:
    "The file is larger than this app accepts. Open it with an app that accepts more.",
  protectionMismatch:
    "The file is protected in another way. Look at what it asks for: a passphrase, a wallet, or a key.",
  passphraseInvalid:
    "Choose another passphrase, of at least eight characters. Several random words are easy to keep and hard to guess.",
  wrongPassphrase:
    "Check the passphrase: capital letters, spaces, keyboard layout. If it is certainly right, this copy of the file is damaged.",
  workFactorInvalid:
    "Use the default work factor: fewer are easy to guess, more do not open on a phone.",
  workFactorTooHigh: doNotOpen,
  walletInputInvalid:
    "Check the wallet address: it is 0x and 40 hexadecimal digits.",
  walletSignatureInvalid: otherProtection,
  walletIsContract:
    "A smart-contract wallet cannot protect a Backup Account File: its signatures change. Use a passphrase instead.",
  walletSignatureMismatch:
    "The signature is not by this account. Choose the account in the wallet and sign again; with a smart-contract wallet, use a passphrase instead.",
  walletNotDeterministic:
    "This wallet signs differently each time, so it could not open the file again. Use a passphrase instead.",
  wrongWallet:
    "Sign with the wallet account that protected this file. If it is certainly right, this copy of the file is damaged.",
  recipientInvalid: "Check the age recipient; it begins with “age1”.",
  identityInvalid: "Check the age identity; it begins with “AGE-SECRET-KEY-”.",
  wrongIdentity:
    "This key does not open this file. Use the key that it was made for. If it is certainly right, this copy of the file is damaged.",
  databaseInvalid:
    "The installation's database is encrypted or no database. Make the file again from a fresh, unencrypted installation.",
  databaseChanged:
    "The installation's database changed while the file was written. Close the installation and write the file again.",
  sourceFailed: "The file could not be read. Try again.",
  aborted: "The operation was stopped. Start it again when you like.",
};

const retryable: ReadonlySet<AccountFileErrorCode> = new Set([
  "truncated",
  "altered",
  "wrongPassphrase",
  "wrongWallet",
  "walletSignatureMismatch",
  "databaseChanged",
  "sourceFailed",
  "aborted",
]);

/**
 * The one error of this package.
 *
 * Branch on `code`, never on the message. Neither message nor cause carries a passphrase, a signature, a key, or what
 * is in the file.
 */
export class AccountFileError extends Error {
  override readonly name = "AccountFileError";
  /** What is wrong, as a word of a closed list. */
  readonly code: AccountFileErrorCode;
  /** Whether doing the same again (with a fresh copy, or what was typed corrected) can succeed. */
  readonly retryable: boolean;
  /** One line for a person: what to do next. */
  readonly advice: string;

  /**
   * @param code what is wrong
   * @param message lower case, no full stop: the field's path, expected and actual
   * @param cause the error underneath, if there is one
   */
  constructor(code: AccountFileErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable.has(code);
    this.advice = advice[code];
  }
}
