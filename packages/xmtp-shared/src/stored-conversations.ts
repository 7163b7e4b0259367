import type { Clock, ConversationInfo, History } from "@carryover/client";
import { isBackupChannel, isGroup } from "./channel-group.js";
import { createConsent } from "./consent.js";
import { libraryCall, syncTimeoutMs } from "./library-call.js";
import { addMissingInstallations } from "./make-live.js";
import { readMessages } from "./message-pages.js";
import {
  isActive,
  type SdkClient,
  type SdkConversation,
} from "./sdk-client.js";
import type { SdkDialect } from "./sdk-dialect.js";
import {
  applicationMessage,
  consentWord,
  everyConsentState,
} from "./sdk-values.js";

/** A history without its archives, which each SDK reads and writes in its own way. */
export type StoredConversations = Omit<
  History,
  "exportArchive" | "importArchive"
>;

/** Look-ups of messages, in one go. */
const lookUpsAtOnce = 100;

/** Conversations, messages and consent in the database of a client of an XMTP SDK. */
export function createStoredConversations(
  client: SdkClient,
  { clock, dialect }: { clock: Clock; dialect: SdkDialect },
): StoredConversations {
  const find = (conversationId: string) =>
    client.conversations.getConversationById(conversationId);
  return {
    ...createConsent(client),
    listConversations: async () =>
      await Promise.all(
        (
          await client.conversations.list({
            consentStates: everyConsentState,
            includeDuplicateDms: true,
          })
        ).map(describe),
      ),
    countMessages: async (conversationId) => {
      const conversation = await find(conversationId);
      if (conversation === undefined) return 0;
      return Number(
        await conversation.countMessages({ kind: applicationMessage }),
      );
    },
    countDisappearingMessages: async (conversationId, { startNs, endNs }) => {
      const conversation = await find(conversationId);
      if (conversation === undefined) return 0;
      let count = 0;
      for await (const message of readMessages(
        conversation,
        {
          kind: applicationMessage,
          // The library's bounds are both exclusive.
          ...(startNs !== undefined && { sentAfterNs: startNs - 1n }),
          ...(endNs !== undefined && { sentBeforeNs: endNs }),
        },
        (size) => dialect.pageSize(size),
      ))
        // Duplicate DMs are shown as one conversation.
        for (const each of [message, ...message.reactions])
          if (
            each.expiresAtNs !== undefined &&
            each.conversationId === conversationId
          )
            count += 1;
      return count;
    },
    hasMessages: async (messageIds) => {
      const found: boolean[] = [];
      for (let at = 0; at < messageIds.length; at += lookUpsAtOnce) {
        const messages = await Promise.all(
          messageIds
            .slice(at, at + lookUpsAtOnce)
            .map(async (id) => await client.conversations.getMessageById(id)),
        );
        for (const message of messages) found.push(message !== undefined);
        await dialect.nextTurn();
      }
      return found;
    },
    addMissingInstallations: (conversationId, installationId) =>
      addMissingInstallations(client, clock, conversationId, installationId),
    sync: () =>
      libraryCall(
        "conversations could not be fetched",
        async () =>
          void (await client.conversations.syncAll(everyConsentState)),
        { timeoutMs: syncTimeoutMs },
      ),
  };
}

async function describe(
  conversation: SdkConversation,
): Promise<ConversationInfo> {
  return {
    conversationId: conversation.id,
    kind: isGroup(conversation) ? "group" : "dm",
    liveness: (await isActive(conversation)) ? "live" : "inactive",
    consent: consentWord(await conversation.consentState()),
    isBackupChannel: isBackupChannel(conversation),
  };
}
