import {
  type BackupMessageCodec,
  backupMessageCodec,
} from "./backup-message-codec.js";

/** What Carryover needs of a client. */
export interface CarryoverClientOptions {
  disableDeviceSync: true;
  codecs: [BackupMessageCodec];
}

/**
 * Options to spread into `Client.create` or `Client.build`: with them the SDK's own device sync answers nobody, and
 * backup messages can be read. An app with codecs of its own lists them all: `codecs: [...codecs, backupMessageCodec]`.
 */
export function carryoverClientOptions(): CarryoverClientOptions {
  return { disableDeviceSync: true, codecs: [backupMessageCodec] };
}
