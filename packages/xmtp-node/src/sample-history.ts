import type { HistorySample } from "./export-windows.js";
import { applicationMessage, type XmtpClient } from "./sdk-values.js";

type Conversation = NonNullable<
  Awaited<ReturnType<XmtpClient["conversations"]["getConversationById"]>>
>;

/** How many conversations are looked at. Each look at each is a query. */
const sampleSize = 16;

/**
 * Looks at some conversations of a history, evenly spread over the list.
 *
 * @param conversationIds - all of them
 */
export async function sampleHistory(
  client: XmtpClient,
  conversationIds: readonly string[],
): Promise<HistorySample> {
  const every = Math.max(1, Math.floor(conversationIds.length / sampleSize));
  const sampled: Conversation[] = [];
  for (let at = 0; at < conversationIds.length; at += every) {
    const conversation = await client.conversations.getConversationById(
      conversationIds[at] ?? "",
    );
    if (conversation !== undefined) sampled.push(conversation);
  }
  const count = async (filter: { sentBeforeNs?: bigint }): Promise<number> => {
    let sum = 0;
    for (const conversation of sampled)
      sum += await conversation.countMessages({
        kind: applicationMessage,
        ...filter,
      });
    return sum;
  };
  const total = await count({});
  return {
    messageCount:
      sampled.length === 0
        ? 0
        : Math.round((total * conversationIds.length) / sampled.length),
    shareBefore: async (sentBeforeNs) =>
      (await count({ sentBeforeNs })) / Math.max(1, total),
  };
}
