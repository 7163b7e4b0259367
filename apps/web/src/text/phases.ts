import type { ProgressPhase } from "@carryover/client";

/** What is under way, in words. */
export const phaseTitles: Record<ProgressPhase, string> = {
  checkingRequester: "Checking who asks",
  makingConversationsLive: "Adding the new device",
  archiving: "Reading the history",
  uploading: "Encrypting and uploading",
  responding: "Answering",
  downloading: "Downloading",
  verifying: "Verifying the file",
  importing: "Importing",
  restoringConsent: "Restoring consent",
  syncing: "Fetching what is new from the network",
  cleaningUp: "Cleaning up",
  openingFile: "Decrypting the file",
  registering: "Registering: confirm in the wallet",
  joiningConversations: "Joining conversations",
  renewingKeyPackage: "Renewing keys",
  writingFile: "Encrypting and writing the file",
};
