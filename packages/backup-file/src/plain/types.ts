import type { ConversationType } from "../element/view.js";

/** What a Message Backup File says of itself. */
export interface MessageBackupHeader {
  /** The format's version; this package writes and reads 1. */
  readonly version: number;
  /** How the plain form is compressed. */
  readonly codec: "gzip";
  /** What the elements are. */
  readonly schema: "xmtp.device_sync.BackupElement";
  /** The version number of the XMTP archive that the elements came from. */
  readonly xmtpArchiveVersion: number;
  readonly producer: Producer;
  /** Nanoseconds since 1970. */
  readonly createdAtNs: bigint;
  /** Whose messages these are. */
  readonly inboxId: string;
  /** The installation that supplied them, if it says so; lower-case hex. */
  readonly installationId: string | undefined;
  readonly scope: BackupScope;
}

/** What made the file. */
export interface Producer {
  readonly name: string;
  readonly version: string;
  /** The XMTP library underneath; empty if unknown. */
  readonly xmtpVersion: string;
}

/** What the file covers. */
export interface BackupScope {
  /** Only messages from here on, in nanoseconds since 1970. */
  readonly startNs: bigint | undefined;
  /** Only messages before here, in nanoseconds since 1970. */
  readonly endNs: bigint | undefined;
  /** Words: `messages`, `consent`; others are kept as they are. */
  readonly elements: readonly string[];
  readonly disappearingMessages: "included" | "excluded";
}

/** What a writer is told; the rest of the header it knows itself. */
export interface MessageBackupHeaderInput {
  readonly producer: Producer;
  /** Nanoseconds since 1970. */
  readonly createdAtNs: bigint;
  /** Whose messages these are. */
  readonly inboxId: string;
  /** The installation that supplies them, in lower-case hex. */
  readonly installationId?: string | undefined;
  readonly scope: BackupScope;
  /** The version number of the XMTP archive that the elements come from; 0 unless told. */
  readonly xmtpArchiveVersion?: number | undefined;
}

/** What a file holds, counted. */
export interface MessageBackupManifest {
  /** SHA-256 of the plain form before the manifest. */
  readonly sha256: Uint8Array;
  readonly elementCount: number;
  readonly groupCount: number;
  readonly messageCount: number;
  readonly consentCount: number;
  /** Bytes of all elements. */
  readonly elementBytes: number;
  /** In the order in which they first appear in the file. */
  readonly conversations: readonly ConversationCount[];
  readonly unknownKinds: readonly UnknownKindCount[];
  readonly leftOut: readonly LeftOut[];
}

/** One conversation's part of a file. */
export interface ConversationCount {
  /** Lower-case hex. */
  readonly conversationId: string;
  /** `unknown` where the file has messages of it but no record. */
  readonly conversationType: ConversationType;
  readonly messageCount: number;
  /** Nanoseconds since 1970; `undefined` where there are no messages. */
  readonly firstSentAtNs: bigint | undefined;
  /** Nanoseconds since 1970; `undefined` where there are no messages. */
  readonly lastSentAtNs: bigint | undefined;
}

/** Elements of a kind that the reader does not know. */
export interface UnknownKindCount {
  /** The field of `BackupElement` that holds them; 0 for none. */
  readonly fieldNumber: number;
  readonly count: number;
}

/** What the producer left out, and why. */
export interface LeftOut {
  /** A word for programs, such as `backup-channel`, `disappearing`, `out-of-scope`. */
  readonly reason: string;
  readonly conversationCount: number;
  readonly messageCount: number;
  readonly otherCount: number;
}
