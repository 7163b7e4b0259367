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
  OpenBlob,
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
export { openApiDocument, type OpenApiSettings } from "./openapi.js";
export { createMemoryLimitStore } from "./memory-limit-store.js";
export { createRedisLimitStore } from "./redis-limit-store.js";
export { createS3Store, type S3StoreOptions } from "./s3-store.js";
export type { S3Location } from "./s3-client.js";
export type { S3Credentials } from "./s3-signature.js";
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
