import type { EncodedContent } from "@xmtp/content-type-primitives";

// What the adapters use of an XMTP SDK, in the one shape that the clients of all of them have. Numbers stand for the SDK's
// enumerations, which have the same values everywhere; a test of each adapter checks them against its SDK.

/** What is at once in one SDK is later in another. */
export type Maybe<T> = T | Promise<T>;

/** What a content type is known by. */
export interface SdkContentType {
  readonly authorityId: string;
  readonly typeId: string;
}

/** A message as the SDK gives it. */
export interface SdkMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly senderInboxId: string;
  readonly sentAtNs: bigint;
  readonly expiresAtNs?: bigint | undefined;
  readonly contentType?: SdkContentType | undefined;
  readonly content?: unknown;
  readonly reactions: readonly {
    readonly conversationId: string;
    readonly expiresAtNs?: bigint | undefined;
  }[];
}

/** What messages are filtered by. */
export interface SdkMessageFilter {
  contentTypes?: number[];
  kind?: number;
  /** Exclusive. */
  sentAfterNs?: bigint;
  /** Exclusive. */
  sentBeforeNs?: bigint;
}

/** How messages are listed. */
export interface SdkListOptions extends SdkMessageFilter {
  limit?: SdkCount;
  direction?: number;
}

/** A count is of one type or the other, by SDK. */
export type SdkCount = number | bigint;

/** The part of a conversation that pages are read from. */
export interface SdkMessageSource {
  messages(options?: SdkListOptions): Promise<SdkMessage[]>;
  countMessages(options?: SdkMessageFilter): Promise<SdkCount>;
}

/** A group or a DM. */
export interface SdkConversation extends SdkMessageSource {
  readonly id: string;
  readonly isActive: boolean | (() => Promise<boolean>);
  members(): Promise<{ inboxId: string; installationIds: string[] }[]>;
  consentState(): Maybe<number>;
  updateConsentState(state: number): Maybe<unknown>;
  sync(): Promise<unknown>;
  publishMessages(): Promise<unknown>;
  send(
    content: EncodedContent,
    options: { shouldPush: boolean; idempotencyKey: string },
  ): Promise<unknown>;
  messageDisappearingSettings(): Maybe<{ inNs: bigint } | null | undefined>;
  updateMessageDisappearingSettings(
    fromNs: bigint,
    inNs: bigint,
  ): Promise<unknown>;
}

/** A group. */
export interface SdkGroup extends SdkConversation {
  readonly appData: unknown;
  addMembers(inboxIds: string[]): Promise<unknown>;
}

/** How a group is made. */
export interface SdkGroupOptions {
  groupName: string;
  groupDescription: string;
  appData: string;
  messageDisappearingSettings: { fromNs: bigint; inNs: bigint };
  permissions: number;
  customPermissionPolicySet: {
    addMemberPolicy: number;
    removeMemberPolicy: number;
    addAdminPolicy: number;
    removeAdminPolicy: number;
    updateGroupNamePolicy: number;
    updateGroupDescriptionPolicy: number;
    updateGroupImageUrlSquarePolicy: number;
    updateAppDataPolicy: number;
    updateMessageDisappearingPolicy: number;
  };
}

/** Messages as they arrive. */
export interface SdkStream {
  readonly isDone: boolean;
  next(): Promise<{ done?: boolean; value: SdkMessage | undefined }>;
  end(): Promise<unknown>;
}

/** How messages are streamed. */
export interface SdkStreamOptions {
  consentStates: number[];
  retryOnFail?: boolean;
  retryDelay?: number;
  onFail?: () => void;
  onError?: (error: Error) => void;
}

/** A client, whatever its codecs decode to. */
export interface SdkClient {
  readonly inboxId?: string | undefined;
  readonly installationId?: string | undefined;
  readonly env?: string | undefined;
  readonly libxmtpVersion?: string | undefined;
  readonly options?: SdkClientOptions | undefined;
  readonly isRegistered: boolean | (() => Promise<boolean>);
  signWithInstallationKey(text: string): Maybe<Uint8Array>;
  readonly conversations: {
    createGroup(
      inboxIds: string[],
      options: SdkGroupOptions,
    ): Promise<SdkGroup>;
    getConversationById(id: string): Promise<SdkConversation | undefined>;
    getMessageById(id: string): Maybe<object | undefined>;
    list(options: {
      consentStates: number[];
      includeDuplicateDms: boolean;
    }): Promise<SdkConversation[]>;
    listGroups(options: { consentStates: number[] }): Maybe<SdkGroup[]>;
    streamAllMessages(options: SdkStreamOptions): Promise<SdkStream>;
    syncAll(consentStates: number[]): Promise<unknown>;
  };
  readonly preferences: {
    fetchInboxState(): Promise<{
      installations: { id: string; clientTimestampNs?: bigint | undefined }[];
    }>;
    getConsentState(entityType: number, entity: string): Promise<number>;
    setConsentStates(
      records: { entityType: number; entity: string; state: number }[],
    ): Promise<unknown>;
  };
}

/** What of a client's options matters here. */
export interface SdkClientOptions {
  readonly disableDeviceSync?: boolean | undefined;
  readonly workerConfig?:
    { readonly disabledWorkers?: readonly unknown[] | undefined } | undefined;
  readonly codecs?:
    readonly { readonly contentType: SdkContentType }[] | undefined;
}

/** Whether messages can be sent and received in it. */
export async function isActive(
  conversation: SdkConversation,
): Promise<boolean> {
  // As a method it needs its object.
  return typeof conversation.isActive === "function"
    ? await conversation.isActive()
    : conversation.isActive;
}

/** Whether the network knows the installation. */
export async function isRegistered(client: SdkClient): Promise<boolean> {
  return typeof client.isRegistered === "function"
    ? await client.isRegistered()
    : client.isRegistered;
}
