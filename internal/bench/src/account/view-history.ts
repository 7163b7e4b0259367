import { createHash } from "node:crypto";
import { isBackupChannel } from "@carryover/xmtp-node";
import type { Client, ConsentState, GroupMessageKind } from "@xmtp/node-sdk";

/** What an installation shows of one conversation. */
export interface ConversationView {
  messageCount: number;
  /** SHA-256 over id, sender, time and text of every message. */
  digest: string;
}

/** By conversation id. */
export type HistoryView = Record<string, ConversationView>;

// The SDK's enums are `const` in its types and absent at run time: these are their values.
export const everyConsent: ConsentState[] = [0, 1, 2];
const applicationMessages: GroupMessageKind = 0;

/** Every conversation but backup channels, read through the SDK's own calls. */
export async function viewHistory(
  client: Client<unknown>,
): Promise<HistoryView> {
  const views: [string, ConversationView][] = [];
  for (const conversation of await listConversations(client)) {
    const messages = await conversation.messages({ kind: applicationMessages });
    const lines = messages.map(
      ({ id, senderInboxId, sentAtNs, content }) =>
        `${id} ${senderInboxId} ${sentAtNs} ${JSON.stringify(content)}\n`,
    );
    views.push([
      conversation.id,
      {
        messageCount: messages.length,
        digest: createHash("sha256")
          .update(lines.sort().join(""))
          .digest("hex"),
      },
    ]);
  }
  return Object.fromEntries(views.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How many conversations can be written in. */
export async function countLive(client: Client<unknown>): Promise<number> {
  return (await listConversations(client)).filter(({ isActive }) => isActive)
    .length;
}

async function listConversations({ conversations }: Client<unknown>) {
  return (
    await conversations.list({
      consentStates: everyConsent,
      includeDuplicateDms: true,
    })
  ).filter((conversation) => !isBackupChannel(conversation));
}

/**
 * Nothing is timed that did not arrive: the two must be equal.
 *
 * @throws saying which conversation differs
 */
export function assertSameHistory(
  expected: HistoryView,
  actual: HistoryView,
): void {
  const ids = Object.keys(expected);
  if (Object.keys(actual).length !== ids.length)
    throw new Error(
      `${Object.keys(actual).length} conversations arrived of ${ids.length}`,
    );
  for (const id of ids) {
    const [there, here] = [expected[id], actual[id]];
    if (here === undefined) throw new Error(`conversation ${id} is missing`);
    if (there?.messageCount !== here.messageCount)
      throw new Error(
        `conversation ${id}: ${here.messageCount} messages of ${there?.messageCount}`,
      );
    if (there.digest !== here.digest)
      throw new Error(`conversation ${id}: the messages differ`);
  }
}
