import type {
  BackupRequestStatus,
  BackupScope,
  InstallationId,
  RequestId,
  VerificationPin,
} from "@carryover/protocol";
import type { LeftOut } from "@carryover/backup-file";
import type { BackupAccountFiles } from "./account/api.js";
import type { CarryoverError, CarryoverErrorCode } from "./errors.js";
import type { LongCallOptions } from "./progress.js";

/** XIP-31 for one installation: both the side that asks and the side that is asked. */
export interface Carryover extends BackupAccountFiles {
  readonly inboxId: string;
  readonly installationId: string;

  /**
   * Asks every other installation of this account for the history (XIP-31, "Flow for Backup Requesters" 1–3).
   *
   * @returns one request for each installation asked, all with the same PIN: show it to the person
   * @throws {CarryoverError} `noOtherInstallations`, `networkUnavailable`, `storageUnavailable`, …
   */
  requestRemoteMessageHistoryBackup(
    options: RequestOptions,
  ): Promise<OutboundRequest[]>;

  /**
   * Where a request stands, by what is stored on this installation. Call `sync` first, or keep the engine started, to
   * know what arrived.
   *
   * @throws {CarryoverError} `requestNotFound`
   */
  getRemoteMessageHistoryBackupRequestStatus(
    requestId: string,
  ): Promise<OutboundRequest>;

  /**
   * Waits until the first of some requests has a response: apply that one. Listens meanwhile, as after `start`.
   *
   * @param requestIds - of one call of `requestRemoteMessageHistoryBackup`, usually all of them
   * @throws {CarryoverError} when no response can come any more, why: `declined` when a person said no, `requestExpired`, …;
   * `aborted` on the signal, which leaves the requests as they are; `requestNotFound`
   */
  waitForRemoteMessageHistoryBackup(
    requestIds: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<OutboundRequest>;

  /** Every request that this installation made, newest first. */
  listOutboundBackupRequests(): Promise<OutboundRequest[]>;

  /**
   * Downloads the answer, verifies the whole of it, imports it and cleans up (XIP-31, "Flow for Backup Requesters" 5).
   * Safe to call again after any interruption; for an applied request it gives the report once more.
   *
   * @throws {CarryoverError} `requestNotFound`, `responseNotFound`, `hashMismatch`, …; `retryable` says whether the same
   * call can succeed later
   */
  applyRemoteMessageHistoryBackup(
    requestId: string,
    options?: LongCallOptions,
  ): Promise<ImportReport>;

  /** Takes a request back: its secrets are deleted, and an answer to it is ignored. */
  cancelRemoteMessageHistoryBackup(requestId: string): Promise<void>;

  /**
   * Imports a Message Backup File, or a plain XMTP archive, that the app has at hand. The file is read twice: it is
   * verified whole before the first row is written.
   */
  loadMessageBackupFile(
    file: BackupFileSource,
    options?: LongCallOptions,
  ): Promise<ImportReport>;

  /**
   * Writes this installation's history as a Message Backup File, for the app to keep. Whoever has the identity reads it.
   *
   * @param recipient - an age recipient (`age1…`)
   */
  writeMessageBackupFile(
    options: LongCallOptions & { recipient: string; scope?: BackupScope },
  ): Promise<WrittenBackupFile>;

  /** Requests that wait for a person here (XIP-31, "Flow for Message Backup Providers" 1–3 are passed). */
  listInboundBackupRequests(): Promise<InboundRequest[]>;

  /**
   * Answers one request. `approve` re-reads the network, makes conversations live, writes, encrypts and uploads the
   * history, re-reads the network again and sends the response (XIP-31, "Flow for Message Backup Providers" 4–8).
   * `decline` deletes the request.
   *
   * @throws {CarryoverError} `pinRequired`, `pinWrong`, `pinTriesUsedUp`, `pinConflict`, `installationRevoked`,
   * `channelNotPrivate`, `storageOriginNotAllowed`, `networkUnavailable`, `storageUnavailable`, …
   */
  respondToBackupRequest(
    requestId: string,
    decision: "approve" | "decline",
    options?: RespondOptions,
  ): Promise<ResponseReport>;

  /** Fetches what is new, and finishes what an interruption left unfinished. */
  sync(options?: LongCallOptions): Promise<SyncReport>;

  /** Keeps listening until `close`: requests and responses come as events without calls to `sync`. */
  start(): Promise<void>;

  /** Calls back on every change; returns the way to stop that. */
  subscribe(listener: (event: CarryoverEvent) => void): () => void;

  /** Stops listening and lets go of files and locks. Work under way is interrupted, not lost. */
  close(): Promise<void>;
}

export type CarryoverEvent =
  /** A request is new, or its `pinState` has changed. */
  | { kind: "inboundRequest"; request: InboundRequest }
  | {
      kind: "inboundRequestClosed";
      requestId: RequestId;
      reason: InboundClosedReason;
    }
  | { kind: "responseReceived"; request: OutboundRequest }
  | { kind: "outboundRequestChanged"; request: OutboundRequest }
  /** A message in or for a backup channel that broke a rule; says which, and nothing else. */
  | { kind: "messageIgnored"; reason: IgnoredReason }
  /** Something other than the network ended what `start` began. Requests made by calls still work. */
  | { kind: "listeningStopped"; error: CarryoverError };

export type InboundClosedReason =
  "responded" | "declined" | "refused" | "expired" | "failed";

export type IgnoredReason =
  | "malformed"
  | "notABackupChannel"
  | "foreignSender"
  | "badSignature"
  | "senderNotInInbox"
  | "senderIsBackupInstallation"
  | "notAddressedToThisInstallation"
  | "requestExpired"
  | "requestFromTheFuture"
  | "requestReplayed"
  | "storageOriginNotAllowed"
  | "noCommonBackupFileVersion"
  | "unknownRequest"
  | "notTheInstallationAsked"
  | "responseNotForThisRequest"
  | "responseExpired"
  | "backupUrlOriginMismatch"
  | "backupTooLarge"
  | "tooManyRequests"
  | "networkUnavailable";

export interface RequestOptions {
  /** Base URL of the Backup Storage Provider that the app chose. */
  storageProviderUrl: string;
  /** What this app calls itself to the person who is asked: 1 to 64 characters. */
  appName: string;
  /** What part of the history; everything by default. */
  scope?: BackupScope;
  /**
   * Installations in Backup Account Files are not asked, unless the person says that they have the file at hand and will
   * open it: only then can one answer. Default `devices`.
   */
  ask?: "devices" | "devicesAndBackupAccountFiles";
  signal?: AbortSignal;
}

/** XIP-31 `MessageHistoryBackupRequest`, on the side that asks. */
export interface OutboundRequest {
  requestId: RequestId;
  verificationPin: VerificationPin;
  status: BackupRequestStatus;
  /** `responseReceived`: apply it. Anything else of a pending request needs nothing from the app. */
  step:
    | "sending"
    | "awaitingResponse"
    | "responseReceived"
    | "downloading"
    | "importing"
    | "done";
  recipientInstallationId: InstallationId;
  createdAtNs: bigint;
  expiresAtNs: bigint;
  /** What the answer holds, once there is one. */
  offered?: {
    sizeBytes: number;
    conversationCount: number;
    messageCount: number;
  };
  failure?: { code: CarryoverErrorCode; advice: string };
  report?: ImportReport;
}

/** XIP-31 `MessageHistoryBackupRequest`, on the side that is asked: what a person needs to decide. */
export interface InboundRequest {
  requestId: RequestId;
  /** Absent in `enter` mode: the person types what the other screen shows. */
  verificationPin?: VerificationPin;
  /** `conflict`: another request came with the same PIN; neither can be approved any more. */
  pinState: "unique" | "conflict";
  wrongPinTriesLeft: number;
  /** `approved`: a yes was given, and the work goes on by itself. */
  state: "awaitingConsent" | "approved";
  installationId: InstallationId;
  /** When the asking installation was made; absent where the network does not tell. */
  installationCreatedAtNs?: bigint;
  /** What the asking app calls itself. Not verified. */
  appName: string;
  storageOrigin: string;
  scope: BackupScope;
  createdAtNs: bigint;
  expiresAtNs: bigint;
  /** What would be sent. */
  estimate: { conversationCount: number; messageCount: number };
}

export interface RespondOptions extends LongCallOptions {
  /** What the person typed, in `enter` mode. */
  pin?: string;
}

export interface ResponseReport {
  outcome: "responded" | "declined";
  conversationCount: number;
  messageCount: number;
  /** Bytes of the encrypted file. */
  sizeBytes: number;
  /** What was not sent, and why. */
  leftOut: readonly LeftOut[];
  /** Conversations that the asking installation could not be added to; it gets them as soon as any member writes. */
  notMadeLive: readonly string[];
}

export interface ImportReport {
  /** Who supplied the history; absent for a file that the app had. Imported history is only as true as its supplier. */
  suppliedBy?: InstallationId;
  conversations: readonly ConversationReport[];
  totals: {
    conversations: number;
    sent: number;
    imported: number;
    alreadyThere: number;
  };
  leftOut: readonly LeftOut[];
}

export interface ConversationReport {
  conversationId: string;
  /** Messages in the backup. */
  sent: number;
  imported: number;
  alreadyThere: number;
  /** `live`: messages can be sent. `inactive`: readable, until a member adds this installation. */
  liveness: "live" | "inactive" | "unknown";
}

/** A file that can be read twice. */
export interface BackupFileSource {
  /** Opens it at its start. */
  open(): Promise<ReadableStream<Uint8Array>>;
  secret:
    | { kind: "ageIdentity"; identity: string }
    | { kind: "archiveKey"; key: Uint8Array };
}

export interface WrittenBackupFile {
  file: ReadableStream<Uint8Array>;
  /** Resolves once the stream was read to its end. */
  result: Promise<{
    sizeBytes: number;
    conversationCount: number;
    messageCount: number;
    leftOut: readonly LeftOut[];
  }>;
}

export interface SyncReport {
  inboundRequests: InboundRequest[];
  /** Own requests that can be applied. */
  ready: OutboundRequest[];
  /** Unfinished work that still cannot be finished. */
  problems: {
    requestId: RequestId;
    code: CarryoverErrorCode;
    advice: string;
  }[];
}
