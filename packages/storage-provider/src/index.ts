export {
  createStorageProvider,
  defaultMaxBytes,
  type StorageProvider,
  type StorageProviderOptions,
} from "./storage-provider.js";
export type { AuthorizationSettings } from "./authorization.js";
export type { PurgeReport } from "./blob-store.js";
export type {
  LogEvent,
  ProviderLogger,
  RequestRecord,
} from "./request-record.js";
export type { ProviderClock, ProviderHooks, UploadStep } from "./service.js";
export {
  StorageProviderError,
  type StorageProviderErrorCode,
} from "./storage-provider-error.js";
