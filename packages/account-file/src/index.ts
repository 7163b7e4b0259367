/**
 * Backup Account Files: a dormant installation in one encrypted file, both ways, in constant memory. Runs in Node,
 * browsers and workers.
 *
 * ```ts
 * // Write: the database of an installation that was registered, synced and closed.
 * const measured = await measureDatabase(openDatabase());
 * const { file, finished } = writeBackupAccountFile({
 *   header, database: openDatabase(), measured, protection: { kind: "passphrase", passphrase },
 * });
 * await file.pipeTo(temporaryFile); // pulls everything through
 * await finished; // now move it to its place
 *
 * // With a wallet, asked twice: the two signatures must be the same.
 * const text = walletSigningText({ address, salt: createWalletSalt() });
 *
 * // Open: see what the file asks for, then ask for it.
 * const { protection } = await inspectBackupAccountFile({ file: openFile() });
 * const opened = await openBackupAccountFile({ file: openFile(), secret: { kind: "passphrase", passphrase } });
 * await opened.database.pipeTo(privateTemporaryFile); // fails if anything is wrong up to the last byte
 * opened.verified();
 * ```
 *
 * Everything that outside bytes can cause is an {@link AccountFileError} with a `code`.
 *
 * @packageDocumentation
 */
export { AccountFileError, type AccountFileErrorCode } from "./errors.js";
export {
  type AccountFileLimits,
  defaultLimits,
  scryptWorkFactors,
} from "./limits.js";
export type { AccountFilePorts } from "./ports.js";

// The file
export {
  type AccountFileWriteProgress,
  type BackupAccountFileWriter,
  writeBackupAccountFile,
  type WriteBackupAccountFileOptions,
  type WrittenBackupAccountFile,
} from "./write-account-file.js";
export {
  openBackupAccountFile,
  type OpenBackupAccountFile,
  type OpenBackupAccountFileOptions,
  type VerifiedAccountFile,
  type VerifiedBackupAccountFile,
  verifyBackupAccountFile,
} from "./open-account-file.js";
export {
  type BackupAccountFilePublicPart,
  inspectBackupAccountFile,
  type InspectBackupAccountFileOptions,
} from "./inspect-account-file.js";
export { measureDatabase, type MeasuredDatabase } from "./database.js";

// Its header
export { FORMAT_NAME, FORMAT_VERSION } from "./header/codec.js";
export type {
  AccountFileHeader,
  AccountFileHeaderInput,
  AccountFileProducer,
  AccountIdentifier,
  DatabaseDescription,
} from "./header/types.js";
export {
  daysLeft,
  type DaysLeft,
  type Deadline,
  refreshBy,
  type RefreshDates,
} from "./header/refresh-by.js";
export {
  compareCopies,
  type CopyIdentity,
  type CopyRelation,
} from "./header/compare-copies.js";

// What protects it
export type {
  AccountFileProtection,
  AccountFileSecret,
  PublicProtection,
} from "./protection/types.js";
export {
  checkChosenProtection,
  checkProtection,
} from "./protection/check-protection.js";
export {
  minPassphraseChars,
  passphraseWeakness,
  type PassphraseWeakness,
  passphraseWeaknessWords,
} from "./protection/passphrase-weakness.js";
export {
  createWalletSalt,
  walletSigningText,
  type WalletSigningText,
} from "./protection/wallet-text.js";
export {
  keyFromWalletSignature,
  newKeyFromWalletSignatures,
  type RepeatableWalletKey,
  type WalletKey,
} from "./protection/wallet-key.js";
