import type { Client, Group } from "@xmtp/node-sdk";
import {
  compareConversations,
  type ConversationView,
} from "../xmtp/conversations.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import { eventually } from "./deadline.js";
import { proofFailed } from "./proof-failed.js";

/** @throws {CliError} `proofFailed` when one message, author, time, reaction or consent is not the same */
export function proveSameHistory(
  what: string,
  before: readonly ConversationView[],
  after: readonly ConversationView[],
): void {
  const differences = compareConversations(before, after);
  const notLive = after.filter(({ liveness }) => liveness !== "live");
  if (before.length === 0) proofFailed(`${what}: there was nothing to compare`);
  const [first] = differences;
  if (first !== undefined)
    proofFailed(
      `${what}: ${differences.length} conversations differ, the first one in its ${first.what}`,
    );
  const [inactive] = notLive;
  if (inactive !== undefined)
    proofFailed(`${what}: ${notLive.length} conversations came back read-only`);
}

/**
 * Sends from one client into a conversation and waits until another one has it.
 *
 * @throws {CliError} `proofFailed`
 */
export async function proveDelivery(options: {
  from: Client<unknown>;
  to: Client<unknown>;
  conversationId: string;
  text: string;
  signal: AbortSignal;
}): Promise<void> {
  const { from, to, conversationId, text, signal } = options;
  const conversation = await requireConversation(from, conversationId);
  const messageId = await conversation.sendText(text);
  await eventually(
    async () => {
      await to.conversations.syncAll(everyConsent);
      const received = to.conversations.getMessageById(messageId);
      return received?.content === text &&
        received.conversationId === conversationId
        ? received
        : undefined;
    },
    signal,
    "a message did not arrive",
  );
}

async function requireConversation(
  client: Client<unknown>,
  id: string,
): Promise<Pick<Group<unknown>, "sendText">> {
  const conversation = await client.conversations.getConversationById(id);
  return conversation ?? proofFailed("a conversation is missing");
}
