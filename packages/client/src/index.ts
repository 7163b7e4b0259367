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
export type { EnginePorts } from "./engine-context.js";
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
