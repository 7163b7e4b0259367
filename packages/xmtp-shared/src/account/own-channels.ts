import type { Channels } from "@carryover/client";
import type { ChannelId } from "@carryover/protocol";
import { isBackupChannel } from "../channel-group.js";
import type { SdkClient } from "../sdk-client.js";

/**
 * Tells a wall of a channel before it is written to. The wall cannot ask the library: that would wait for the very call that
 * it is asked about.
 *
 * @param open - lets writing into a group through, by its id
 */
export function openingChannels(
  channels: Channels,
  client: SdkClient,
  open: (groupId: string) => void | Promise<void>,
): Channels {
  const openIfOwn = async (channelId: ChannelId) => {
    if (await isOwnChannel(client, channelId)) await open(channelId);
  };
  return {
    ...channels,
    send: async (channelId, message) => {
      await openIfOwn(channelId);
      await channels.send(channelId, message);
    },
    deleteMessages: async (channelId) => {
      await openIfOwn(channelId);
      await channels.deleteMessages(channelId);
    },
  };
}

/** A group that is marked as a backup channel, and holds nobody else. */
async function isOwnChannel(
  client: SdkClient,
  groupId: string,
): Promise<boolean> {
  const group = await client.conversations.getConversationById(groupId);
  return (
    group !== undefined &&
    isBackupChannel(group) &&
    (await group.members()).every(({ inboxId }) => inboxId === client.inboxId)
  );
}
