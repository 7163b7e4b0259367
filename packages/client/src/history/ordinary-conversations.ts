import type { EngineContext } from "../engine-context.js";
import type { ConversationInfo } from "../ports/history.js";

/**
 * True for a group that is known to hold somebody else. Anybody who may change a group's app data can mark it as a backup
 * channel: the mark alone must not keep a conversation out of a backup. Reads the local database only.
 */
export async function holdsOthers(
  { channels, installation }: Pick<EngineContext, "channels" | "installation">,
  conversationId: string,
): Promise<boolean> {
  const conversation = await channels.describe(conversationId);
  return conversation !== undefined && isShared(conversation, installation);
}

function isShared(
  { kind, memberInboxIds }: ConversationFacts,
  { inboxId }: EngineContext["installation"],
): boolean {
  return kind === "group" && memberInboxIds.some((id) => id !== inboxId);
}

type ConversationFacts = NonNullable<
  Awaited<ReturnType<EngineContext["channels"]["describe"]>>
>;

/** True for a backup channel. Asked of a conversation that was not there when they were listed. No network. */
export async function isBackupChannel(
  { channels, installation }: Pick<EngineContext, "channels" | "installation">,
  conversationId: string,
): Promise<boolean> {
  const conversation = await channels.describe(conversationId);
  return (
    conversation?.isMarked === true && !isShared(conversation, installation)
  );
}

/**
 * Every conversation, and those among them that are backup channels. No network.
 *
 * @param listed - the conversations, where they were listed a moment ago: listing takes the library long
 */
export async function sortConversations(
  context: Pick<EngineContext, "channels" | "history" | "installation">,
  listed?: readonly ConversationInfo[],
): Promise<{ ordinary: ConversationInfo[]; channelIds: Set<string> }> {
  const ordinary: ConversationInfo[] = [];
  const channelIds = new Set<string>();
  for (const conversation of listed ??
    (await context.history.listConversations())) {
    const { conversationId, isBackupChannel } = conversation;
    if (isBackupChannel && !(await holdsOthers(context, conversationId)))
      channelIds.add(conversationId);
    else ordinary.push(conversation);
  }
  return { ordinary, channelIds };
}
