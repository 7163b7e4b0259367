import type { EngineContext } from "../engine-context.js";

/** What a backup would hold, roughly: for the person who decides. Reads the local database only. */
export async function estimateBackup({ history }: EngineContext): Promise<{
  conversationCount: number;
  messageCount: number;
}> {
  const conversations = (await history.listConversations()).filter(
    ({ isBackupChannel }) => !isBackupChannel,
  );
  let messageCount = 0;
  for (const { conversationId } of conversations)
    messageCount += await history.countMessages(conversationId);
  return { conversationCount: conversations.length, messageCount };
}
