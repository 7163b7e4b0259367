export {
  type BackupMessageCodec,
  backupMessageCodec,
} from "./backup-message-codec.js";
export {
  createNodePorts,
  type NodePortsOptions,
} from "./backup-file-node/node-ports.js";
export { isBackupChannel } from "./channel-group.js";
export { createChannels } from "./channels.js";
export {
  type CarryoverClientOptions,
  carryoverClientOptions,
} from "./client-options.js";
export { systemClock, systemRandomBytes } from "./clock.js";
export { createHistory, type HistoryOptions } from "./history.js";
export { createInstallation } from "./installation.js";
export { createScratch } from "./scratch.js";
export { createStateStore, type StateStoreOptions } from "./state-store.js";
export {
  createStorageProviderClient,
  type StorageProviderClientOptions,
} from "./storage-provider-client.js";
