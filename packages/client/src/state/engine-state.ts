import type {
  BackupScope,
  ChannelId,
  InstallationId,
  MessageHistoryBackupResponse,
  ProviderEffect,
  ProviderState,
  RequesterEffect,
  RequesterState,
  RequestId,
  VerificationPin,
} from "@carryover/protocol";
import type { LeftOut } from "@carryover/backup-file";
import type { ImportReport } from "../api.js";
import type { UnfinishedAccountFile } from "../account/api.js";
import type { CarryoverErrorCode } from "../errors.js";
import type { RoleCertificate } from "../role/role-certificate.js";
import type { ConsentRecord, ConsentState } from "../ports/history.js";
import type { BackupDeletion } from "../ports/storage-provider-client.js";

/**
 * Everything that Carryover remembers between two runs, as one record that is replaced as a whole. It holds keys, PINs
 * and upload authorizations: only an encrypted store ever sees it.
 */
export interface EngineState {
  version: 1;
  /** What this installation asked for. */
  calls: RequesterCall[];
  /** What it is asked for, until the last clean-up is done. */
  inbound: InboundRecord[];
  /** Request ids that are used up, so that a replay is known as one. */
  seenRequests: SeenRequest[];
  /** Installations that announced themselves with `ContactRole.BACKUP`. */
  backupInstallations: InstallationId[];
  /** Their own signatures under that, to show to installations that do not know. */
  roleCertificates: RoleCertificate[];
  /** Installations that were made for Backup Account Files that are not finished. What says nothing of a file has none. */
  unfinishedFiles: (Omit<UnfinishedAccountFile, "file"> &
    Partial<UnfinishedAccountFile>)[];
  /** Consent that is to be put back after conversations were made live. */
  consentToRestore: ConsentRecord[];
  /**
   * Denied conversations that were restored and are not live yet. The library allows the person's own groups when they
   * come live, whatever was chosen before.
   */
  deniedUntilLive: string[];
  /** Unfinished import of a file that the app had at hand, by the file's digest. */
  fileImports: { fileDigest: string; before: BeforeImport }[];
}

/** One call of `requestRemoteMessageHistoryBackup`: one channel, one PIN, a request for each installation. */
export interface RequesterCall {
  callId: string;
  channelId?: ChannelId;
  verificationPin: VerificationPin;
  createdAtNs: bigint;
  expiresAtNs: bigint;
  appName: string;
  scope: BackupScope;
  requests: OutboundRecord[];
  /**
   * Conversations that were allowed here when the call was made. What is allowed later may be no choice of the person:
   * the library allows their own groups by itself when they come live.
   */
  allowedWhenAsked: string[];
  channelMessages: "present" | "deleted";
}

export interface OutboundRecord {
  requestId: RequestId;
  recipientInstallationId: InstallationId;
  state: RequesterState;
  /** Kept after the secrets are gone: a `backup_url` must be here. */
  storageOrigin: string;
  /** Effects of the last transition that are still to be carried out. */
  pendingEffects: RequesterEffect[];
  secrets?: {
    uploadUrl: string;
    /** age identity that the response is sealed to. */
    responseIdentity: string;
    response?: MessageHistoryBackupResponse;
  };
  deletion?: BackupDeletion;
  /** Name of the downloaded file in scratch. */
  downloadName: string;
  offered?: {
    sizeBytes: number;
    conversationCount: number;
    messageCount: number;
  };
  before?: BeforeImport;
  failure?: CarryoverErrorCode;
  report?: ImportReport;
  endedAtNs?: bigint;
}

/** What stood here before the first row was written: kept, so that a second try reports and restores the same. */
export interface BeforeImport {
  /** Consent of conversations that were here. */
  consent: Record<string, ConsentState>;
  /** Messages of the backup that were here, by conversation. */
  alreadyThere: Record<string, number>;
}

/** One request to this installation. */
export interface InboundRecord {
  requestId: RequestId;
  channelId: ChannelId;
  senderInstallationId: InstallationId;
  senderCreatedAtNs?: bigint;
  state: ProviderState;
  pendingEffects: ProviderEffect[];
  verificationPin: VerificationPin;
  /** `conflict` once another request came with the same PIN or id, also when that one has ended since. */
  pinState: "unique" | "conflict";
  wrongPinTries: number;
  appName: string;
  scope: BackupScope;
  createdAtNs: bigint;
  expiresAtNs: bigint;
  storageOrigin: string;
  estimate: { conversationCount: number; messageCount: number };
  secrets?: {
    uploadUrl: string;
    responseRecipient: string;
    /** age identity of the file that is being sent. */
    fileIdentity?: string;
    /** Stored before the last byte leaves, so that a lost answer of the storage service can be recognised. */
    sentFile?: SentFile;
    stored?: { downloadUrl: string; expiresAtNs: bigint };
    /** The signed response, so that it is the same one however often it is sent. */
    responseEnvelope?: Uint8Array;
  };
  notMadeLive: string[];
  failure?: CarryoverErrorCode;
}

export interface SentFile {
  sha256Hex: string;
  sizeBytes: number;
  conversationCount: number;
  messageCount: number;
  leftOut: LeftOut[];
}

export interface SeenRequest {
  requestId: RequestId;
  /** The message that brought it: the same one read again is no replay. */
  messageId: string;
  /** From then on a replay is refused for its age. */
  forgetAtNs: bigint;
  outcome?: "responded" | "declined" | "refused" | "expired" | "failed";
  failure?: CarryoverErrorCode;
}

/** The state of an installation that never used Carryover. */
export const emptyState = (): EngineState => ({
  version: 1,
  calls: [],
  inbound: [],
  seenRequests: [],
  backupInstallations: [],
  roleCertificates: [],
  unfinishedFiles: [],
  consentToRestore: [],
  deniedUntilLive: [],
  fileImports: [],
});
