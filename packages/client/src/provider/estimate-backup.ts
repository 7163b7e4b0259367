import type { EngineContext } from "../engine-context.js";
import { sortConversations } from "../history/ordinary-conversations.js";

/** What a backup would hold, roughly: for the person who decides. Reads the local database only. */
export async function estimateBackup(context: EngineContext): Promise<{
  conversationCount: number;
  messageCount: number;
}> {
  const { ordinary } = await sortConversations(context);
  let messageCount = 0;
  for (const { conversationId } of ordinary)
    messageCount += await context.history.countMessages(conversationId);
  return { conversationCount: ordinary.length, messageCount };
}
