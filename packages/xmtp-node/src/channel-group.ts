export {
  callIdOf,
  channelGroupOptions,
  isBackupChannel,
  isGroup,
} from "@carryover/xmtp-shared";
