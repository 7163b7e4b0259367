export {
  callTimeoutMs,
  libraryCall,
  syncTimeoutMs,
} from "@carryover/xmtp-shared";
