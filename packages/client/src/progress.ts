/** How far a long call has come. Totals are absent while nobody knows them. */
export interface Progress {
  phase: ProgressPhase;
  /** Bytes done in this phase. */
  bytes?: number;
  totalBytes?: number;
  conversations?: number;
  totalConversations?: number;
  /** Messages done in this phase. */
  messages?: number;
  totalMessages?: number;
}

export type ProgressPhase =
  // provider
  | "checkingRequester"
  | "makingConversationsLive"
  | "archiving"
  | "uploading"
  | "responding"
  // requester
  | "downloading"
  | "verifying"
  | "importing"
  | "restoringConsent"
  | "syncing"
  | "cleaningUp"
  // Backup Account Files
  | "openingFile"
  | "registering"
  | "joiningConversations"
  | "renewingKeyPackage"
  | "writingFile";

/** Options of every call that takes long. */
export interface LongCallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}
