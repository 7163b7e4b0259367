export {
  type BackupMessageCodec,
  backupMessageCodec,
} from "@carryover/xmtp-shared";
