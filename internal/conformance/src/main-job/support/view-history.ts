import { createHash } from "node:crypto";
import type { Client, DecodedMessage } from "@xmtp/node-sdk";
import { applicationMessages, everyConsent } from "./sdk-values.js";

/** One conversation, as an app sees it on one installation. */
export interface ConversationView {
  /** Application messages in the database, reactions and read receipts included. */
  messageCount: number;
  /** SHA-256 over id, sender, time, type and content of every message and reaction, and over who read how far. */
  digest: string;
  consent: number;
}

/**
 * Everything that the SDK shows of an installation's history, by conversation id.
 *
 * @param leaveOut - conversations that are no part of the history
 */
export async function viewHistory(
  client: Client<unknown>,
  leaveOut: (conversation: object) => boolean = () => false,
): Promise<Record<string, ConversationView>> {
  const conversations = await client.conversations.list({
    consentStates: everyConsent,
    includeDuplicateDms: true,
  });
  const views: [string, ConversationView][] = [];
  for (const conversation of conversations) {
    if (leaveOut(conversation)) continue;
    const kind = applicationMessages;
    const messages = await conversation.messages({ kind });
    const hash = createHash("sha256");
    for (const line of messages
      .flatMap((message) => [message, ...message.reactions])
      .map(canonicalMessage)
      .sort())
      hash.update(`${line}\n`);
    hash.update(canonical(await conversation.lastReadTimes()));
    views.push([
      conversation.id,
      {
        messageCount: await conversation.countMessages({ kind }),
        digest: hash.digest("hex"),
        consent: conversation.consentState(),
      },
    ]);
  }
  return Object.fromEntries(views.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function canonicalMessage(message: DecodedMessage<unknown>): string {
  return canonical({
    id: message.id,
    conversationId: message.conversationId,
    sender: message.senderInboxId,
    sentAtNs: message.sentAtNs,
    contentType: message.contentType,
    content: message.content,
    fallback: message.fallback,
  });
}

/** JSON with sorted keys, and one spelling for what JSON does not have. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "bigint") return `"${value}n"`;
  if (value instanceof Uint8Array)
    return `"hex:${Buffer.from(value).toString("hex")}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value)
      // The message that a reply answers is in the list itself.
      .filter(([key, member]) => key !== "inReplyTo" && member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
}
