export {
  type CarryoverClientOptions,
  carryoverClientOptions,
} from "@carryover/xmtp-shared";
