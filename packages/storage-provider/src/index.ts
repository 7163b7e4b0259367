export {
  createStorageProvider,
  type StorageProvider,
} from "./storage-provider.js";
export {
  defaultMaxBytes,
  type StorageProviderOptions,
} from "./storage-provider-options.js";
export type { AuthorizationSettings } from "./authorization.js";
export type {
  BlobFacts,
  BlobRecord,
  BlobStore,
  BlobWriter,
  ByteRange,
  PurgeReport,
} from "./blob-store.js";
export {
  createDirectoryStore,
  type DirectoryStoreOptions,
} from "./directory-store.js";
export { proofText, type InstallationProof } from "./installation-proof.js";
export type { Allowance, LimitStore, Slot } from "./limit-store.js";
export { defaultLimits, type LimitSettings } from "./limits.js";
export type {
  LogEvent,
  ProviderLogger,
  RequestRecord,
} from "./request-record.js";
export { defaultPort, serveStorageProvider } from "./serve.js";
export type { ProviderClock, ProviderHooks, UploadStep } from "./service.js";
export {
  environmentName,
  readSettings,
  secretSettings,
  type SettingName,
  type StorageProviderSettings,
} from "./settings.js";
export {
  StorageProviderError,
  type StorageProviderErrorCode,
} from "./storage-provider-error.js";
export type { BlobId } from "./ticket.js";
