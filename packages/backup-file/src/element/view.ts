/** What XMTP calls the kinds of a conversation. */
export type ConversationType = "group" | "dm" | "sync" | "unknown";

/** The first element of every XMTP archive: what was asked for. It does not say whose messages they are. */
export interface MetadataView {
  readonly kind: "metadata";
  /** When the archive was made, in nanoseconds since 1970. */
  readonly exportedAtNs: bigint;
  /** Only messages from here on, if limited. */
  readonly startNs: bigint | undefined;
  /** Only messages up to here, if limited. */
  readonly endNs: bigint | undefined;
  /** What was selected. */
  readonly selection: readonly ("messages" | "consent" | "event" | "unknown")[];
}

/** A conversation. */
export interface GroupView {
  readonly kind: "group";
  /** Lower-case hex. */
  readonly conversationId: string;
  readonly conversationType: ConversationType;
  readonly createdAtNs: bigint;
  readonly lastMessageNs: bigint | undefined;
  /** `dm:<inbox id>:<inbox id>`; only of a DM. The owner of the archive is one of the two. */
  readonly dmId: string | undefined;
  readonly addedByInboxId: string;
  readonly creatorInboxId: string;
  /** From when on messages disappear, and after how long; both or neither are set. */
  readonly disappearFromNs: bigint | undefined;
  readonly disappearInNs: bigint | undefined;
  /**
   * Name, description, app data and what else XMTP keeps in a group's mutable metadata, by XMTP's names
   * (`group_name`, `description`, `app_data`, …). Some of it is private to the group: show none of it in logs.
   */
  readonly attributes: ReadonlyMap<string, string>;
}

/** A message, without its content. */
export interface MessageView {
  readonly kind: "message";
  /** Lower-case hex. */
  readonly messageId: string;
  /** Lower-case hex. */
  readonly conversationId: string;
  readonly sentAtNs: bigint;
  /** `application`, or what the group did to its members. */
  readonly messageKind: "application" | "membershipChange" | "unknown";
  /** `authority/type:major.minor`, such as `xmtp.org/text:1.0`. */
  readonly contentType: string;
  readonly senderInboxId: string;
  /** Lower-case hex. */
  readonly senderInstallationId: string;
  readonly deliveryStatus: "unpublished" | "published" | "failed" | "unknown";
  /** Bytes of the encoded content. */
  readonly contentBytes: number;
}

/** A consent record. */
export interface ConsentView {
  readonly kind: "consent";
  readonly entityType: "conversation" | "inbox" | "address" | "unknown";
  /** A conversation id in hex, an inbox id or an address. */
  readonly entity: string;
  readonly state: "unknown" | "allowed" | "denied";
  readonly consentedAtNs: bigint;
}

/** An element of a kind that this version does not know. It is carried as it is. */
export interface UnknownView {
  readonly kind: "unknown";
  /** The field of `BackupElement` that holds it; 0 if it holds none. */
  readonly fieldNumber: number;
}

/** What an element is, without its content. */
export type ElementView =
  MetadataView | GroupView | MessageView | ConsentView | UnknownView;

/** One element: its exact bytes, and what they are. */
export interface BackupElementRecord {
  /** A serialized `xmtp.device_sync.BackupElement`, as it arrived. */
  readonly bytes: Uint8Array;
  readonly view: ElementView;
}
