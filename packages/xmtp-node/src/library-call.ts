export {
  asLibraryError,
  callTimeoutMs,
  libraryCall,
  syncTimeoutMs,
} from "@carryover/xmtp-shared";
