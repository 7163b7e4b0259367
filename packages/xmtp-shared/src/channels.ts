import {
  CarryoverError,
  type ChannelInfo,
  type Channels,
  type Clock,
  type OutgoingBackupMessage,
} from "@carryover/client";
import {
  backupMessageContentType,
  type ChannelId,
  parseChannelId,
} from "@carryover/protocol";
import { asBackupMessage } from "./backup-message.js";
import { callIdOf, channelGroupOptions, isGroup } from "./channel-group.js";
import { streamBackupMessages } from "./channel-stream.js";
import type { SdkDialect } from "./sdk-dialect.js";
import type { SdkClient, SdkConversation, SdkGroup } from "./sdk-client.js";
import { libraryCall, syncTimeoutMs } from "./library-call.js";
import { libraryErrorCode } from "./library-error-code.js";
import { readMessages } from "./message-pages.js";
import {
  applicationMessage,
  consentStates,
  customContent,
  everyConsentState,
} from "./sdk-values.js";

/**
 * Backup channels over a client of an XMTP SDK.
 *
 * @param options.dialect - the SDK's own
 */
export function createSdkChannels(
  client: SdkClient,
  { clock, dialect }: { clock: Clock; dialect: SdkDialect },
): Channels {
  const find = (conversationId: string) =>
    client.conversations.getConversationById(conversationId);
  const findChannel = async (channelId: ChannelId): Promise<SdkGroup> => {
    const conversation = await find(channelId);
    if (conversation === undefined || !isGroup(conversation))
      throw new CarryoverError("wrongState", "the channel is not known here");
    return conversation;
  };
  return {
    create: ({ callId, messageLifetimeNs }) =>
      libraryCall("the backup channel could not be made", async () => {
        const group =
          (await findHalfMade(client, callId)) ??
          (await client.conversations.createGroup(
            [],
            channelGroupOptions(callId, messageLifetimeNs),
          ));
        // What an interrupted call has made is not on the network, or not for everyone; for a whole one this does nothing.
        await group.addMembers([]);
        return parseChannelId(group.id);
      }),
    sync: () =>
      libraryCall(
        "new messages could not be fetched",
        async () =>
          void (await client.conversations.syncAll(everyConsentState)),
        { timeoutMs: syncTimeoutMs },
      ),
    list: () => listChannels(client),
    describe: async (conversationId) => {
      const conversation = await find(conversationId);
      return conversation && (await describeConversation(conversation));
    },
    refresh: async (channelId) => {
      const group = await findChannel(channelId);
      await libraryCall("the channel's members could not be fetched", () =>
        fetchGroup(group),
      );
    },
    messages: async (channelId) => {
      const group = await findChannel(channelId);
      const messages = [];
      for await (const message of readMessages(
        group,
        { contentTypes: [customContent], kind: applicationMessage },
        (size) => dialect.pageSize(size),
      )) {
        const backupMessage = asBackupMessage(message);
        if (backupMessage !== undefined) messages.push(backupMessage);
      }
      return messages;
    },
    send: async (channelId, message) =>
      sendMessage(await findChannel(channelId), message),
    stream: (signal) =>
      streamBackupMessages(client, { clock, dialect, signal }),
    deleteMessages: async (channelId) =>
      shortenLifetime(await findChannel(channelId)),
    hide: async (channelId) =>
      void (await (
        await findChannel(channelId)
      ).updateConsentState(consentStates.denied)),
  };
}

async function listChannels(client: SdkClient): Promise<ChannelInfo[]> {
  const channels: ChannelInfo[] = [];
  for (const group of await listGroups(client)) {
    const callId = callIdOf(group);
    if (callId !== undefined && !(await isHalfMade(group)))
      channels.push({ channelId: parseChannelId(group.id), callId });
  }
  return channels;
}

/** A group that was made while the network was away stands in the database and nowhere else. */
async function findHalfMade(
  client: SdkClient,
  callId: string,
): Promise<SdkGroup | undefined> {
  for (const group of await listGroups(client))
    if (callIdOf(group) === callId && (await isHalfMade(group))) return group;
  return undefined;
}

/** Before its first commit a group has no members, not even its maker. */
async function isHalfMade(group: SdkGroup): Promise<boolean> {
  return (await group.members()).length === 0;
}

async function listGroups(client: SdkClient): Promise<SdkGroup[]> {
  return await client.conversations.listGroups({
    consentStates: everyConsentState,
  });
}

async function describeConversation(conversation: SdkConversation) {
  const members = await conversation.members();
  return {
    kind: isGroup(conversation) ? ("group" as const) : ("dm" as const),
    isMarked: callIdOf(conversation) !== undefined,
    memberInboxIds: members.map(({ inboxId }) => inboxId),
  };
}

async function sendMessage(
  group: SdkGroup,
  { content, fallback, idempotencyKey, push }: OutgoingBackupMessage,
): Promise<void> {
  const consent = await group.consentState();
  try {
    await libraryCall("the backup message could not be sent", () =>
      group.send(
        { type: backupMessageContentType, parameters: {}, fallback, content },
        { shouldPush: push === "push", idempotencyKey },
      ),
    );
  } finally {
    // Whatever is sent makes the SDK show the conversation again.
    if (consent !== consentStates.allowed)
      await group.updateConsentState(consent);
  }
}

/**
 * Fetches a group. When the library has done so it goes on and adds own installations that came later, and behind a wall it
 * waits for that in vain: then the group is fetched all the same.
 */
async function fetchGroup(group: SdkGroup): Promise<void> {
  try {
    await group.sync();
  } catch (error) {
    if (libraryErrorCode(error) !== "GroupError::SyncFailedToWait") throw error;
  }
}

/**
 * What is written from now on disappears at once, everywhere. What an installation has already keeps the lifetime that it
 * came with: the SDK fixes the expiry of a message when it stores it, and has no other deletion.
 */
async function shortenLifetime(group: SdkGroup): Promise<void> {
  if ((await group.messageDisappearingSettings())?.inNs === 1n) return;
  const consent = await group.consentState();
  try {
    await libraryCall("the messages' lifetime could not be shortened", () =>
      group.updateMessageDisappearingSettings(1n, 1n),
    );
  } finally {
    if (consent !== consentStates.allowed)
      await group.updateConsentState(consent);
  }
}
