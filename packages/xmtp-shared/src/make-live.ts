import { CarryoverError, type Clock } from "@carryover/client";
import type { InstallationId } from "@carryover/protocol";
import { isGroup } from "./channel-group.js";
import { libraryCall } from "./library-call.js";
import {
  isActive,
  type SdkClient,
  type SdkConversation,
} from "./sdk-client.js";
import { everyConsentState } from "./sdk-values.js";

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
 * @param installationId - the one that matters: others of the inbox may have no key package and be out of reach for ever
 * @throws {CarryoverError} `networkUnavailable`, `wrongState`
 */
export async function addMissingInstallations(
  client: SdkClient,
  clock: Clock,
  conversationId: string,
  installationId: InstallationId,
): Promise<void> {
  const conversation = await findConversation(client, conversationId);
  if (conversation === undefined || !(await isActive(conversation)))
    throw new CarryoverError(
      "wrongState",
      "this installation does not take part in the conversation",
    );
  if (isGroup(conversation)) {
    await libraryCall("installations could not be added to a group", () =>
      conversation.addMembers([]),
    );
    if (await isMember(conversation, installationId)) return;
    throw cannotBeAdded();
  }
  const giveUpAtNs =
    clock.nowNs() + BigInt(libraryThrottleMs + 2 * retryEveryMs) * 1_000_000n;
  for (;;) {
    await libraryCall("installations could not be added to a DM", () =>
      conversation.publishMessages(),
    );
    if (await isMember(conversation, installationId)) return;
    if (clock.nowNs() > giveUpAtNs) throw cannotBeAdded();
    await clock.wait(retryEveryMs);
  }
}

/** Of duplicate DMs the library's own look-up gives the one that it shows, whichever of them was asked for. */
async function findConversation(
  client: SdkClient,
  conversationId: string,
): Promise<SdkConversation | undefined> {
  const { conversations } = client;
  const found = await conversations.getConversationById(conversationId);
  if (found === undefined || found.id === conversationId) return found;
  return (
    await conversations.list({
      consentStates: everyConsentState,
      includeDuplicateDms: true,
    })
  ).find(({ id }) => id === conversationId);
}

/** By the local database: no network. */
async function isMember(
  conversation: SdkConversation,
  installationId: InstallationId,
): Promise<boolean> {
  return (await conversation.members()).some(({ installationIds }) =>
    installationIds.includes(installationId),
  );
}

const cannotBeAdded = () =>
  new CarryoverError(
    "wrongState",
    "the library did not add the installation to the conversation",
  );
