import type { ChannelId } from "@carryover/protocol";

/**
 * Backup channels: MLS groups with this inbox as their only member, marked in their `appData`. The engine checks what
 * it is told here every time: the port only reports.
 */
export interface Channels {
  /**
   * Makes a channel that holds every installation of this inbox and nobody else; nobody may add members.
   *
   * @param options.callId - written behind the marker, so that an interrupted call finds its channel again
   * @param options.messageLifetimeNs - after which its messages are deleted everywhere
   * @throws {CarryoverError} `networkUnavailable`
   */
  create(options: {
    callId: string;
    messageLifetimeNs: bigint;
  }): Promise<ChannelId>;

  /** Fetches everything new: new channels, and messages in all of them, hidden ones included. */
  sync(): Promise<void>;

  /** Every marked group that this installation knows, hidden ones included. From the local database: no network. */
  list(): Promise<ChannelInfo[]>;

  /**
   * What the local database says of any conversation. No network call.
   *
   * @returns `undefined` for a conversation that is not known
   */
  describe(
    conversationId: string,
  ): Promise<ConversationDescription | undefined>;

  /**
   * Fetches the newest membership of one channel from the network.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  refresh(channelId: ChannelId): Promise<void>;

  /** Backup messages in one channel, oldest first. From the local database. */
  messages(channelId: ChannelId): Promise<BackupMessage[]>;

  /**
   * Sends once, however often it is called with the same key and content.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  send(channelId: ChannelId, message: OutgoingBackupMessage): Promise<void>;

  /**
   * Everything with the backup content type as it arrives, in **any** conversation, also a hostile one; and `gap` after
   * every (re)connect, when what was missed has to be read from `list` and `messages`. Ends when the signal aborts.
   */
  stream(
    signal: AbortSignal,
  ): AsyncIterable<
    { kind: "message"; message: BackupMessage } | { kind: "gap" }
  >;

  /** Shortens the lifetime of the channel's messages, so that every installation deletes them. */
  deleteMessages(channelId: ChannelId): Promise<void>;

  /** Takes the channel out of an app's list of conversations. */
  hide(channelId: ChannelId): Promise<void>;
}

export interface ChannelInfo {
  channelId: ChannelId;
  /** What stands behind the marker. Chosen by whoever made the group. */
  callId: string;
}

export interface ConversationDescription {
  kind: "group" | "dm";
  /** Its `appData` starts with the channel marker. */
  isMarked: boolean;
  memberInboxIds: string[];
}

export interface BackupMessage {
  /** Of the conversation that it stands in; not yet known to be a channel. */
  conversationId: string;
  messageId: string;
  senderInboxId: string;
  sentAtNs: bigint;
  /** The bytes of the content type: a claimed envelope. */
  content: Uint8Array;
}

export interface OutgoingBackupMessage {
  content: Uint8Array;
  /** Shown by apps that do not know the content type. */
  fallback: string;
  idempotencyKey: string;
  /** Whether the recipients' devices are woken. */
  push: "push" | "quiet";
}
