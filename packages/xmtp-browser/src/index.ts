// What an app needs
export {
  type BrowserCarryover,
  type CarryoverOptions,
  createCarryover,
} from "./create-carryover.js";
export {
  type BackupMessageCodec,
  backupMessageCodec,
  type CarryoverClientOptions,
  carryoverClientOptions,
  isBackupChannel,
} from "@carryover/xmtp-shared";
export { assertDeviceSyncIsSilent } from "./device-sync-guard.js";
export { claimXmtpDatabase } from "./claim-xmtp-database.js";
export { clearCarryoverStorage, type Keeping } from "./own-place.js";
export type { HeldLock } from "./own-lock.js";
export {
  classifyBackupMessage,
  isBackupMessageContentType,
} from "@carryover/protocol";
export {
  adviceFor,
  type BackupFileSource,
  type Carryover,
  CarryoverError,
  type CarryoverErrorCode,
  type CarryoverEvent,
  type ImportReport,
  type InboundRequest,
  type OutboundRequest,
  type Policy,
  type Progress,
  type ResponseReport,
  type SyncReport,
} from "@carryover/client";

// Backup Account Files
export {
  type AccountFileWorkOptions,
  type AnsweringOptions,
  confirmBackupAccountFileSaved,
  createBackupAccountFile,
  fetchAccountBudget,
  fetchUnfinishedBackupAccountFiles,
  inspectBackupAccountFile,
  openBackupAccountFileForRequests,
  refreshBackupAccountFile,
  restoreBackupAccountFileToArchive,
  revokeBackupAccountFile,
  verifyBackupAccountFile,
} from "./account/backup-account-files.js";
export { accountFileFromBlob } from "./account/account-file-blob.js";
export {
  type AccountFileDownload,
  createAccountFileDownload,
} from "./account/account-file-download.js";
export { accountFileAtHandle } from "./account/account-file-handle.js";
export {
  type BackupAccountFileInside,
  lookInsideBackupAccountFile,
  type StoredConversation,
} from "./account/look-inside.js";
export { createPasskeyProtection, passkeySecret } from "./account/passkey.js";
export { networkOf, type XmtpNetwork } from "./account/network-options.js";
export {
  AccountFileError,
  type AccountFileErrorCode,
  minPassphraseChars,
  passphraseWeakness,
  type PassphraseWeakness,
  passphraseWeaknessWords,
} from "@carryover/account-file";
export {
  type AccountBudget,
  type AccountFileFacts,
  type AccountFilePlace,
  type AccountFileSummary,
  accountLimits,
  type AccountSigner,
  type BackupAccountFileSession,
  compareBackupAccountFiles,
  type CreatedBackupAccountFile,
  type CreateFromWalletOptions,
  type InspectedBackupAccountFile,
  type MissingHistory,
  type ProtectionChoice,
  refreshBackupAccountFileBy,
  type RefreshReport,
  type RestoredArchive,
  type RestoreReport,
  type RevokeReport,
  type SecretChoice,
  type UnfinishedAccountFile,
  type UnfinishedFileFromWallet,
  type VerifyReport,
  type WaitingConversation,
  type WhichAccount,
} from "@carryover/client";

// The ports one by one, for tools and tests
export { createChannels } from "./channels.js";
export { systemClock, systemRandomBytes } from "./clock.js";
export {
  createDormantInstallations,
  type DormantInstallationsOptions,
} from "./account/dormant-installations.js";
export { createHistory, type HistoryOptions } from "./history.js";
export { createInstallation } from "./installation.js";
export { openOwnPlace, type OwnPlace } from "./own-place.js";
export { createMemoryFiles } from "./private-files/memory-files.js";
export { openPartFiles, type PartFiles } from "./private-files/part-files.js";
export { createScratch } from "./scratch.js";
export type { XmtpClient } from "./sdk-values.js";
export type { FetchLimits } from "./storage/fetch-limits.js";
export {
  createStorageProviderClient,
  type StorageProviderClientOptions,
} from "./storage-provider-client.js";
