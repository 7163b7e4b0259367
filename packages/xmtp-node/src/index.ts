// What an app needs
export { type CarryoverOptions, createCarryover } from "./create-carryover.js";
export {
  type CarryoverClientOptions,
  carryoverClientOptions,
} from "./client-options.js";
export {
  type BackupMessageCodec,
  backupMessageCodec,
} from "./backup-message-codec.js";
export { isBackupChannel } from "./channel-group.js";
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
export { accountFileAt } from "./account/account-file-at.js";
export {
  type AccountFileWorkOptions,
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
export {
  createNodePorts,
  type NodePortsOptions,
} from "./backup-file-node/node-ports.js";
export { createChannels } from "./channels.js";
export { systemClock, systemRandomBytes } from "./clock.js";
export {
  createDormantInstallations,
  type DormantInstallationsOptions,
} from "./account/dormant-installations.js";
export { nativeScrypt } from "./account/native-scrypt.js";
export { createWorkPlaces, type WorkPlaces } from "./account/work-places.js";
export { createHistory, type HistoryOptions } from "./history.js";
export { createInstallation } from "./installation.js";
export { createScratch } from "./scratch.js";
export type { XmtpClient } from "./sdk-values.js";
export { createStateStore, type StateStoreOptions } from "./state-store.js";
export {
  createStorageProviderClient,
  type StorageProviderClientOptions,
} from "./storage-provider-client.js";
