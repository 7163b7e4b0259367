import type {
  Clock,
  ConversationInfo,
  History,
  RandomBytes,
} from "@carryover/client";
import { createArchiveFiles } from "./archive-files.js";
import { isBackupChannel, isGroup } from "./channel-group.js";
import { createConsent } from "./consent.js";
import { libraryCall, syncTimeoutMs } from "./library-call.js";
import { addMissingInstallations } from "./make-live.js";
import { readMessages } from "./message-pages.js";
import {
  applicationMessage,
  consentWord,
  everyConsentState,
  type XmtpClient,
} from "./sdk-values.js";

/** What the history needs beside the client. */
export interface HistoryOptions {
  /** For archives while they are written or read. Belongs to Carryover alone, and is emptied here. */
  directory: string;
  clock: Clock;
  randomBytes: RandomBytes;
}

/**
 * The history of this installation over the official client.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function createHistory(
  client: XmtpClient,
  { directory, clock, randomBytes }: HistoryOptions,
): Promise<History> {
  const find = (conversationId: string) =>
    client.conversations.getConversationById(conversationId);
  return {
    ...createConsent(client),
    ...(await createArchiveFiles(client, directory, randomBytes)),
    listConversations: async () =>
      (
        await client.conversations.list({
          consentStates: everyConsentState,
          includeDuplicateDms: true,
        })
      ).map(describe),
    countMessages: async (conversationId) =>
      (await (
        await find(conversationId)
      )?.countMessages({ kind: applicationMessage })) ?? 0,
    countDisappearingMessages: async (conversationId, { startNs, endNs }) => {
      const conversation = await find(conversationId);
      if (conversation === undefined) return 0;
      let count = 0;
      for await (const message of readMessages(conversation, {
        kind: applicationMessage,
        // The library's bounds are both exclusive.
        ...(startNs !== undefined && { sentAfterNs: startNs - 1n }),
        ...(endNs !== undefined && { sentBeforeNs: endNs }),
      }))
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
      for (const id of messageIds) {
        found.push(client.conversations.getMessageById(id) !== undefined);
        // Each is a synchronous look-up in the database.
        if (found.length % 100 === 0) await nextTurn();
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

type SdkConversation = Awaited<
  ReturnType<XmtpClient["conversations"]["list"]>
>[number];

function describe(conversation: SdkConversation): ConversationInfo {
  return {
    conversationId: conversation.id,
    kind: isGroup(conversation) ? "group" : "dm",
    liveness: conversation.isActive ? "live" : "inactive",
    consent: consentWord(conversation.consentState()),
    isBackupChannel: isBackupChannel(conversation),
  };
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
