export type { LeftOut } from "@carryover/backup-file";
export type {
  BackupFileSource,
  Carryover,
  CarryoverEvent,
  ConversationReport,
  IgnoredReason,
  ImportReport,
  InboundClosedReason,
  InboundRequest,
  OutboundRequest,
  RequestOptions,
  RespondOptions,
  ResponseReport,
  SyncReport,
  WrittenBackupFile,
} from "./api.js";
export { createEngine } from "./engine.js";
export type { AccountFileEnginePorts, EnginePorts } from "./engine-context.js";

// Backup Account Files
export type {
  AccountFileAccess,
  AccountFileFacts,
  BackupAccountFiles,
  BackupAccountFileSession,
  CreateBackupAccountFileOptions,
  CreatedBackupAccountFile,
  CreateFromWalletOptions,
  ImportFromBackupAccountFileOptions,
  InspectedBackupAccountFile,
  MissingHistory,
  OpenForRequestsOptions,
  ProtectionChoice,
  RefreshBackupAccountFileOptions,
  RefreshReport,
  RestoredArchive,
  RestoreReport,
  RestoreToArchiveOptions,
  RevokeBackupAccountFileOptions,
  RevokeReport,
  SecretChoice,
  UnfinishedAccountFile,
  UnfinishedFileFromWallet,
  VerifyBackupAccountFileOptions,
  VerifyReport,
  WaitingConversation,
  WhichAccount,
} from "./account/api.js";
export { type AccountBudget, accountLimits } from "./account/account-budget.js";
export type { AccountFlow } from "./account/account-flow.js";
export {
  type AccountFileSummary,
  compareBackupAccountFiles,
  refreshBackupAccountFileBy,
  summarize,
} from "./account/file-summary.js";
export {
  createFileFromWallet,
  fetchBudgetOf,
  fetchUnfinishedFromWallet,
} from "./account/create-from-wallet.js";
export { inspectFile } from "./account/inspect-file.js";
export { openContainer } from "./account/open-file.js";
export {
  openForRequests,
  type SessionParts,
} from "./account/open-for-requests.js";
export { refreshFile } from "./account/refresh-file.js";
export { restoreToArchive } from "./account/restore-to-archive.js";
export { revokeFile } from "./account/revoke-file.js";
export { createAccountFlow } from "./account/standalone.js";
export {
  confirmSavedOfWallet,
  hasUnfinishedNotes,
  keepUnfinishedNotesAlone,
} from "./account/unfinished-notes.js";
export { verifyFile } from "./account/verify-file.js";
export type { AccountFilePlace } from "./ports/account-file-place.js";
export type {
  AccountSigner,
  AccountState,
  DormantInstallations,
  DormantReach,
  KeyPackageFacts,
  NewInstallation,
  OpenDormantInstallation,
} from "./ports/dormant-installations.js";
export {
  adviceFor,
  asCarryoverError,
  CarryoverError,
  type CarryoverErrorCode,
} from "./errors.js";
export { clockToleranceMs, defaultPolicy, type Policy } from "./policy.js";
export type {
  BackupMessage,
  ChannelInfo,
  Channels,
  ConversationDescription,
  OutgoingBackupMessage,
} from "./ports/channels.js";
export type { Clock, RandomBytes } from "./ports/clock.js";
export type {
  ConsentEntity,
  ConsentRecord,
  ConsentState,
  ConversationInfo,
  ExportedArchive,
  History,
} from "./ports/history.js";
export type {
  InboxInstallation,
  InboxState,
  Installation,
} from "./ports/installation.js";
export { isFileName, parseFileName } from "./ports/file-name.js";
export type { Journal } from "./ports/journal.js";
export type { Scratch } from "./ports/scratch.js";
export type { StateStore } from "./ports/state-store.js";
export type {
  BackupDeletion,
  Download,
  StorageProviderClient,
  StoredBackup,
  UploadAuthorization,
} from "./ports/storage-provider-client.js";
export type { LongCallOptions, Progress, ProgressPhase } from "./progress.js";
