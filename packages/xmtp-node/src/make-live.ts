import { CarryoverError, type Clock } from "@carryover/client";
import { isGroup, type SdkConversation } from "./channel-group.js";
import { libraryCall } from "./library-call.js";
import type { XmtpClient } from "./sdk-values.js";

/**
 * The library looks for new installations in a conversation at most once in five seconds when it publishes: after a
 * message of a moment ago it does nothing, and does not say so.
 */
const libraryThrottleMs = 5_000;
const retryEveryMs = 500;

/**
 * Adds installations of the members that a conversation lacks. Groups and DMs need different calls: in a DM the library
 * offers none that adds, but it looks for new installations before it publishes, and publishing nothing is allowed.
 *
 * @throws {CarryoverError} `networkUnavailable`, `wrongState`
 */
export async function addMissingInstallations(
  client: XmtpClient,
  clock: Clock,
  conversationId: string,
): Promise<void> {
  const conversation =
    await client.conversations.getConversationById(conversationId);
  if (conversation === undefined || !conversation.isActive)
    throw new CarryoverError(
      "wrongState",
      "this installation does not take part in the conversation",
    );
  if (isGroup(conversation)) {
    await libraryCall("installations could not be added to a group", () =>
      conversation.addMembers([]),
    );
    return;
  }
  const giveUpAtNs =
    clock.nowNs() + BigInt(libraryThrottleMs + 2 * retryEveryMs) * 1_000_000n;
  for (;;) {
    await libraryCall("installations could not be added to a DM", () =>
      conversation.publishMessages(),
    );
    if (!(await lacksOwnInstallation(client, conversation))) return;
    if (clock.nowNs() > giveUpAtNs)
      throw new CarryoverError(
        "networkUnavailable",
        "the library did not add an installation to a DM",
      );
    await clock.wait(retryEveryMs);
  }
}

/** By the local database: what the last look at the network told. */
async function lacksOwnInstallation(
  client: XmtpClient,
  conversation: SdkConversation,
): Promise<boolean> {
  const [{ installations }, members] = await Promise.all([
    client.preferences.inboxState(),
    conversation.members(),
  ]);
  const taking = new Set(
    members.find(({ inboxId }) => inboxId === client.inboxId)?.installationIds,
  );
  return installations.some(({ id }) => !taking.has(id));
}
