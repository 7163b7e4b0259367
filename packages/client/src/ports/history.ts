import type { BackupElement, InstallationId } from "@carryover/protocol";

/** The message history of this installation, read and written through the official library alone. */
export interface History {
  /** Every conversation, whatever its consent, duplicate DMs and backup channels included. No network. */
  listConversations(): Promise<ConversationInfo[]>;

  /** Application messages in one conversation; 0 for one that is not known. No network. */
  countMessages(conversationId: string): Promise<number>;

  /**
   * Application messages of one conversation that disappear by themselves: an archive cannot carry their expiry. No
   * network. May read the whole conversation.
   *
   * @param range - counts only messages sent at or after `startNs` and before `endNs`
   */
  countDisappearingMessages(
    conversationId: string,
    range: { startNs?: bigint; endNs?: bigint },
  ): Promise<number>;

  /** Which of these messages the local database has, in the order of the ids. No network. */
  hasMessages(messageIds: readonly string[]): Promise<boolean[]>;

  /**
   * Has the whole history written out as an XMTP archive, without disappearing messages. No time range: the library's own
   * leaves out the conversations that older messages stand in. The library may still be writing when this resolves.
   *
   * @throws {CarryoverError} `exportFailed`, `aborted`
   */
  exportArchive(options: {
    elements: readonly BackupElement[];
    signal?: AbortSignal;
  }): Promise<ExportedArchive>;

  /**
   * Imports one small XMTP archive. Rows that exist are left as they are.
   *
   * @param options.timeoutMs - after which the library is taken to spin for ever
   * @throws {CarryoverError} `importTimedOut`, `importFailed`, `diskError`
   */
  importArchive(
    archive: Uint8Array,
    key: Uint8Array,
    options: { timeoutMs: number },
  ): Promise<void>;

  /** Consent of conversations or inboxes, in the order of the entities. No network. */
  getConsent(entities: readonly ConsentEntity[]): Promise<ConsentState[]>;

  /** Sets consent of conversations or inboxes. */
  setConsent(records: readonly ConsentRecord[]): Promise<void>;

  /**
   * Adds installations of the conversation's members that are missing from it, so that a new installation can take part.
   * May change the conversation's consent to `allowed`: the engine puts it back.
   *
   * @param conversationId - exactly this one, also of duplicate DMs
   * @param installationId - resolves once this one takes part
   * @throws {CarryoverError} `networkUnavailable`, `wrongState` when it cannot be added from here
   */
  addMissingInstallations(
    conversationId: string,
    installationId: InstallationId,
  ): Promise<void>;

  /** Fetches everything new in all conversations, whatever their consent. */
  sync(): Promise<void>;
}

export interface ConversationInfo {
  conversationId: string;
  kind: "group" | "dm";
  /** `live`: messages can be sent and received. `inactive`: restored, and waiting for a member to add this installation. */
  liveness: "live" | "inactive";
  consent: ConsentState;
  isBackupChannel: boolean;
}

export type ConsentState = "unknown" | "allowed" | "denied";

export interface ConsentEntity {
  entityType: "conversation" | "inbox";
  entity: string;
}

export interface ConsentRecord extends ConsentEntity {
  state: ConsentState;
}

export interface ExportedArchive {
  /** Ends when the archive does, not where the library has come to; fails as `written` does. */
  archive: ReadableStream<Uint8Array>;
  /** 32 bytes. */
  key: Uint8Array;
  /**
   * Resolves when the library has written all of it. Rejects with a {@link CarryoverError} `exportFailed`, `aborted` or
   * `diskError`; need not be awaited.
   */
  written: Promise<void>;
  /** Deletes the archive. Called on every path. */
  dispose(): Promise<void>;
}
