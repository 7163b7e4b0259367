import {
  type ChannelId,
  parseChannelId,
  ProtocolError,
} from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";

/**
 * Security rule 1, first half: a backup message counts only in a group that is marked as a backup channel and whose
 * members are this inbox alone. Reads the local database only, so that a stranger's message causes no network call.
 *
 * @returns the channel, or `undefined` for every other conversation
 */
export async function findPrivateChannel(
  { channels, installation }: Pick<EngineContext, "channels" | "installation">,
  conversationId: string,
): Promise<ChannelId | undefined> {
  const conversation = await channels.describe(conversationId);
  if (conversation?.kind !== "group" || !conversation.isMarked)
    return undefined;
  const { memberInboxIds } = conversation;
  if (
    memberInboxIds.length === 0 ||
    !memberInboxIds.every((inboxId) => inboxId === installation.inboxId)
  )
    return undefined;
  return asChannelId(conversationId);
}

function asChannelId(conversationId: string): ChannelId | undefined {
  try {
    return parseChannelId(conversationId);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
