import type {
  AccountFileHeader,
  AccountFileProtection,
  AccountFileSecret,
  DaysLeft,
  PublicProtection,
} from "@carryover/account-file";
import type { LeftOut } from "@carryover/backup-file";
import type { InstallationId } from "@carryover/protocol";
import type {
  ConversationReport,
  ImportReport,
  InboundRequest,
  RespondOptions,
  ResponseReport,
} from "../api.js";
import type { AccountFilePlace } from "../ports/account-file-place.js";
import type { AccountSigner } from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountBudget } from "./account-budget.js";
import type { AccountFileSummary } from "./file-summary.js";

/** How a new file is protected. With `wallet` the signer is asked twice for the same signature. */
export type ProtectionChoice =
  AccountFileProtection | { kind: "wallet"; signer: AccountSigner };

/** What opens a file. With `wallet` the signer is asked once for a signature. */
export type SecretChoice =
  AccountFileSecret | { kind: "wallet"; signer: AccountSigner };

/** A file, and what opens it. */
export interface AccountFileAccess {
  file: AccountFilePlace;
  secret: SecretChoice;
}

/** What an installation of the account does with Backup Account Files (XIP-31, "Backup Account Files"). */
export interface BackupAccountFiles {
  /**
   * How much of the account's budget is used. Show it to a person before `createBackupAccountFile`.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  fetchAccountBudget(): Promise<AccountBudget>;

  /**
   * XIP-31 `createBackupAccountFile`: registers a new installation with the wallet, adds it to every conversation,
   * announces that it is a backup, and puts it into one encrypted file. The file was opened once more before this resolves.
   * At a place that lasts `untilSaved` it is in memory then: let the person save it, and call `confirmBackupAccountFileSaved`.
   *
   * @throws {CarryoverError} `accountBudgetLow`, `accountFileExists`, `walletRefused`, `walletOfAnotherAccount`,
   * `installationRevoked`, `networkUnavailable`, …; with an `installationId` the error says that an installation is
   * registered which no file holds: offer `revokeBackupAccountFile` for it
   * @throws {AccountFileError} `passphraseInvalid`, `walletNotDeterministic`, …, before anything is registered
   */
  createBackupAccountFile(
    options: CreateBackupAccountFileOptions,
  ): Promise<CreatedBackupAccountFile>;

  /**
   * XIP-31 `importFromBackupAccountFile`: brings everything that the file's installation has and that the network still
   * keeps for it into this installation. Nothing on the network is changed, and the file can be used again; with
   * `conversations: "makeLive"` the file is then replaced by a newer one.
   *
   * @throws {CarryoverError} `accountFileOfAnotherAccount`, `accountFileOfAnotherEnvironment`, `accountFileRevoked`,
   * `accountFileFromNewerLibrary`, `accountFileDatabaseRefused`, `accountFileNotFound`, `networkUnavailable`, …
   * @throws {AccountFileError} `wrongPassphrase`, `altered`, `truncated`, `versionUnsupported`, …
   */
  importFromBackupAccountFile(
    options: ImportFromBackupAccountFileOptions,
  ): Promise<RestoreReport>;

  /**
   * Says that a person has a file that was made in memory, at a place that lasts `untilSaved`: call it as soon as a download
   * was begun, or the file was written where the person said. Until then `fetchUnfinishedBackupAccountFiles` tells of it.
   * Changes nothing for any other file, and can be called again. Offline.
   *
   * @param installationId - of the file's summary
   */
  confirmBackupAccountFileSaved(installationId: string): Promise<void>;

  /**
   * Installations that a failed or interrupted `createBackupAccountFile` registered, and those whose file nobody said was
   * saved. Such an installation gets every message of the account, perhaps for nobody: offer `revokeBackupAccountFile` for
   * each, in the words that its `file` asks for.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  fetchUnfinishedBackupAccountFiles(): Promise<UnfinishedAccountFile[]>;

  /**
   * Installations of the account that are known here to live in Backup Account Files, revoked ones among them: show them to
   * a person for what they are. Offline.
   */
  listBackupInstallations(): Promise<InstallationId[]>;
}

export interface UnfinishedAccountFile {
  installationId: InstallationId;
  /** When its creation began, nanoseconds since 1970. */
  startedAtNs: bigint;
  /**
   * `notMade`: no file holds it, unless its creation died in the very last moment. `perhapsSaved`: the file was made in
   * memory, and nobody said that it was saved. Ask the person: revoking makes a file that was saved useless, and if they
   * have it, `confirmBackupAccountFileSaved` is what to call.
   */
  file: "notMade" | "perhapsSaved";
}

/** One whose creation was begun with the wallet alone. */
export interface UnfinishedFileFromWallet extends UnfinishedAccountFile {
  inboxId: string;
}

export interface CreateBackupAccountFileOptions extends LongCallOptions {
  file: AccountFilePlace;
  /** A file that is there is not touched unless told. Default `refuse`. */
  ifThere?: "refuse" | "replace";
  /** The account's wallet: signs once to register, and twice more to protect the file if that is by `wallet`. */
  signer: AccountSigner;
  protection: ProtectionChoice;
  /** `includeSoFar`: the file also holds the history up to now. Default `includeSoFar`. */
  history?: "includeSoFar" | "fromNowOn";
}

/** As {@link CreateBackupAccountFileOptions}, without an installation that has history to give. */
export type CreateFromWalletOptions = Omit<
  CreateBackupAccountFileOptions,
  "history"
>;

/** Whose budget: the account of a wallet, which is not asked to sign, or one that is known. */
export type WhichAccount = { signer: AccountSigner } | { inboxId: string };

export interface CreatedBackupAccountFile {
  summary: AccountFileSummary;
  /** Bytes of the file. */
  sizeBytes: number;
  /** After the creation. */
  budget: AccountBudget;
  /** What the file holds from before; absent with `fromNowOn`. */
  history?: {
    conversationCount: number;
    messageCount: number;
    leftOut: readonly LeftOut[];
  };
  /** Conversations that the file's installation gets new messages of. */
  joinedConversationCount: number;
  /** Conversations that it could not be added to: their messages from now on are not in the file until it is. */
  notJoined: readonly string[];
}

export interface ImportFromBackupAccountFileOptions
  extends LongCallOptions, AccountFileAccess {
  /** The newest summary of the file that the app noted: an older copy is recognised by it, offline too. */
  known?: AccountFileSummary;
  /**
   * `leaveReadOnly`: conversations come live when another member, or another installation of the account, adds this one.
   * `makeLive`: the file's own installation adds it at once. That makes every other copy of the file useless for these
   * conversations, so the file is replaced by a newer one in the same step; it needs a `protection` when the secret does
   * not tell one (age identities). Default `leaveReadOnly`.
   */
  conversations?: "leaveReadOnly" | "makeLive";
  /** For the newer file; the same as before unless told. */
  protection?: ProtectionChoice;
}

/** What a file is, and how it stands to the network now. */
export interface AccountFileFacts {
  summary: AccountFileSummary;
  daysLeft: DaysLeft;
  /** `olderCopy`: another copy of the file was refreshed since; use that one. */
  copy: "newest" | "olderCopy";
  /** What this file cannot bring back any more. Empty for one that was refreshed in time. */
  missing: readonly MissingHistory[];
}

/** Something that a file cannot bring back, and since when. Nanoseconds since 1970. */
export type MissingHistory =
  | {
      kind: "messages";
      reason: "beyondRetention";
      /** Messages sent from then … */
      fromNs: bigint;
      /** … until then may be gone from the network. */
      untilNs: bigint;
    }
  | {
      kind: "newConversations";
      /**
       * Why conversations that began since then left the file's installation out: its key package ran out, is gone from the
       * network, or was replaced when another copy of the file was refreshed.
       */
      reason: "keyPackageExpired" | "keyPackageMissing" | "refreshedElsewhere";
      fromNs: bigint;
    };

export interface RestoreReport extends ImportReport {
  file: AccountFileFacts;
  /** Conversations that can be read, and not written to until one of these inboxes, or an own installation, writes. */
  waiting: readonly WaitingConversation[];
  /** `unchanged`: byte for byte. `replaced`: conversations were made live, and the file is a newer one. */
  fileState: "unchanged" | "replaced";
}

export interface WaitingConversation {
  conversationId: string;
  kind: "group" | "dm";
  /** Inbox ids of its other members. Empty when they are not known here: then only an own installation can help. */
  waitsFor: readonly string[];
}

/** Without the secret: what everybody can see. With it: what the file is. */
export interface InspectedBackupAccountFile {
  sizeBytes: number;
  protection: PublicProtection;
  /** Only with the secret, and after every byte was checked. */
  contents?: {
    header: AccountFileHeader;
    summary: AccountFileSummary;
    daysLeft: DaysLeft;
    /** Paths of header fields that this version does not know. */
    unknownFields: readonly string[];
  };
}

export interface RefreshBackupAccountFileOptions
  extends LongCallOptions, AccountFileAccess {
  known?: AccountFileSummary;
  /** For the newer file; the same as before unless told. Needed when the file is opened with age identities. */
  protection?: ProtectionChoice;
  /** A copy that is known to be an older one is refused: refreshing it would spoil the newer one. Default `refuse`. */
  olderCopy?: "refuse" | "refreshAnyway";
}

export interface RefreshReport {
  before: AccountFileFacts;
  summary: AccountFileSummary;
  sizeBytes: number;
  /** `renewed`: the file can be added to new conversations for the full time again. */
  keyPackage: "renewed" | "kept";
  conversationCount: number;
  messageCount: number;
}

export interface VerifyBackupAccountFileOptions
  extends LongCallOptions, AccountFileAccess {
  known?: AccountFileSummary;
}

/** What a restore would bring to an empty installation. */
export interface VerifyReport {
  file: AccountFileFacts;
  sizeBytes: number;
  conversations: readonly Pick<
    ConversationReport,
    "conversationId" | "sent" | "imported"
  >[];
  totals: { conversations: number; messages: number };
  leftOut: readonly LeftOut[];
}

export interface RestoreToArchiveOptions
  extends LongCallOptions, AccountFileAccess {
  known?: AccountFileSummary;
  /** 32 bytes that encrypt the archive, for this one alone; random unless given. */
  key?: Uint8Array;
}

/** The history of a file as an XMTP archive, for an app that imports one. */
export interface RestoredArchive {
  readonly file: AccountFileFacts;
  readonly conversationCount: number;
  readonly messageCount: number;
  readonly leftOut: readonly LeftOut[];
  /** 32 bytes: whoever imports the archive needs it. */
  readonly key: Uint8Array;
  /**
   * The archive's bytes, from the first, at each call.
   *
   * @throws {CarryoverError} `diskError`; the stream fails with `exportFailed`
   */
  openArchive(): Promise<ReadableStream<Uint8Array>>;
  /** Deletes everything of it from this machine. Must be called; can be called again. */
  dispose(): Promise<void>;
}

export type RevokeBackupAccountFileOptions = LongCallOptions & {
  /** The account's wallet: signs once. */
  signer: AccountSigner;
} & (
    | AccountFileAccess
    /** A file that is lost or does not open, by what was noted of it; also an installation whose file was never written. */
    | { inboxId: string; installationId: string }
  );

export interface RevokeReport {
  installationId: string;
  /** `alreadyRevoked`: nothing was signed. */
  outcome: "revoked" | "alreadyRevoked";
  /** After it. */
  budget: AccountBudget;
}

export interface OpenForRequestsOptions
  extends LongCallOptions, AccountFileAccess {
  known?: AccountFileSummary;
  /**
   * `leaveReadOnly`: restored conversations come live when another member writes; the file stays as it is. `makeLive`: the
   * file's installation adds the asking one when a request is approved, and `close` replaces the file by a newer one.
   * Default `leaveReadOnly`.
   */
  conversations?: "leaveReadOnly" | "makeLive";
  protection?: ProtectionChoice;
}

/** A file that is open to answer requests (XIP-31, "Converting a Backup Account File to a Remote Message Backup"). */
export interface BackupAccountFileSession {
  readonly file: AccountFileFacts;
  /** Fetches what is new, and lists the requests to the file's installation that wait for a person. */
  listInboundBackupRequests(): Promise<InboundRequest[]>;
  /** As in `Carryover.respondToBackupRequest`. */
  respondToBackupRequest(
    requestId: string,
    decision: "approve" | "decline",
    options?: RespondOptions,
  ): Promise<ResponseReport>;
  /** Deletes everything of it from this machine. Must be called; can be called again. */
  close(): Promise<{ fileState: "unchanged" | "replaced" }>;
}
