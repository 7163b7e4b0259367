export { parseAppName } from "./app-name.js";
export {
  type BackupElement,
  type BackupScope,
  wholeHistory,
} from "./backup-scope.js";
export {
  classifyBackupMessage,
  isBackupMessageContentType,
} from "./classify.js";
export {
  backupChannelMarker,
  backupMessageContentType,
  maxBackupMessageBytes,
} from "./content-type.js";
export {
  encodeEnvelope,
  type PadlockEnvelope,
  parseEnvelope,
  verifyEnvelope,
} from "./envelope.js";
export { ProtocolError, type ProtocolErrorCode } from "./errors.js";
export { fallbackText } from "./fallback.js";
export {
  type ChannelId,
  createRequestId,
  type InboxId,
  type InstallationId,
  installationIdFromBytes,
  installationIdToBytes,
  parseChannelId,
  parseInboxId,
  parseInstallationId,
  parseRequestId,
  type RequestId,
} from "./ids.js";
export { verifyInstallationSignature } from "./installation-signature.js";
export {
  isTerminal,
  type Machine,
  type StateRow,
  step,
  type Step,
  type Transition,
} from "./machines/machine.js";
export {
  type ProviderActivity,
  type ProviderEffect,
  type ProviderEvent,
  providerMachine,
  type ProviderState,
} from "./machines/provider-machine.js";
export {
  type BackupRequestStatus,
  type RequesterActivity,
  type RequesterEffect,
  type RequesterEvent,
  requesterMachine,
  type RequesterState,
  statusOf,
} from "./machines/requester-machine.js";
export type { MessageHistoryBackupRequest } from "./message-history-backup-request.js";
export {
  type EncryptionParameters,
  encodeResponse,
  type MessageHistoryBackupResponse,
  parseResponse,
  type SealedMessageHistoryBackupResponse,
} from "./message-history-backup-response.js";
export {
  type ContactRole,
  encodePadlockMessagePayload,
  type PadlockMessagePayload,
  parsePadlockMessagePayload,
} from "./padlock-message-payload.js";
export {
  createVerificationPin,
  parseTypedPin,
  type VerificationPin,
} from "./pin.js";
export type { ReadResult } from "./read-result.js";
export { type MessagePlace, signingText } from "./signing-text.js";
export { parseStorageUrl } from "./url.js";
