// Backup Account Files
export {
  judgeCall,
  maxJudgedBytes,
  type Reach,
  type Verdict,
} from "./account/network-rules.js";
export { openingChannels } from "./account/own-channels.js";
export { revokeWithWallet } from "./account/revoke-with-wallet.js";
export { groupsSentTo } from "./account/sent-groups.js";
export { watchSigner, type WatchedSigner } from "./account/watched-signer.js";

export {
  archiveKeyBytes,
  assertExportNotAborted,
  exportCall,
  importCall,
  unlessExportAborted,
} from "./archive-calls.js";
export {
  type BackupMessageCodec,
  backupMessageCodec,
} from "./backup-message-codec.js";
export {
  callIdOf,
  channelGroupOptions,
  isBackupChannel,
  isGroup,
} from "./channel-group.js";
export { createSdkChannels } from "./channels.js";
export {
  type CarryoverClientOptions,
  carryoverClientOptions,
} from "./client-options.js";
export {
  assertCodecIsRegistered,
  assertDeviceSyncIsSilent,
} from "./device-sync-guard.js";
export { toHex } from "./hex.js";
export { createSdkInstallation, inboxInstallations } from "./installation.js";
export {
  asLibraryError,
  callTimeoutMs,
  libraryCall,
  syncTimeoutMs,
} from "./library-call.js";
export { readMessages } from "./message-pages.js";
export {
  isActive,
  isRegistered,
  type Maybe,
  type SdkClient,
  type SdkClientOptions,
  type SdkContentType,
  type SdkConversation,
  type SdkCount,
  type SdkGroup,
  type SdkGroupOptions,
  type SdkListOptions,
  type SdkMessage,
  type SdkMessageFilter,
  type SdkMessageSource,
  type SdkStream,
  type SdkStreamOptions,
} from "./sdk-client.js";
export type { SdkDialect } from "./sdk-dialect.js";
export {
  applicationMessage,
  ascending,
  consentEntityTypes,
  consentStates,
  consentWord,
  customContent,
  customPolicy,
  everyConsentState,
  policies,
} from "./sdk-values.js";
export {
  createStoredConversations,
  type StoredConversations,
} from "./stored-conversations.js";
export {
  createKnownVersions,
  type KnownVersions,
  parseFilePart,
  type PartHeaders,
  rangeHeaders,
} from "./storage/file-part.js";
export {
  type Members,
  parseMembers,
  readProblem,
  type StorageAnswer,
} from "./storage/members.js";
export {
  createMultipartFrame,
  type MultipartFrame,
} from "./storage/multipart-frame.js";
export {
  type Credentials,
  obtainAuthorization,
  type PostJson,
} from "./storage/obtain-authorization.js";
export {
  readFoundUpload,
  readStoredBackup,
} from "./storage/read-stored-backup.js";
export {
  parseProblemCode,
  parseStoredBackup,
} from "./storage/service-answers.js";
export {
  refused,
  statusError,
  stopped,
  unavailable,
} from "./storage/storage-errors.js";
