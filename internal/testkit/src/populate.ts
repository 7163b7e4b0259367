import type { Dm, Group } from "@xmtp/node-sdk";
import type { TestClient } from "./person.js";

/** Conversations of all kinds, as an installation of some age has them. */
export interface PopulatedConversations {
  /** A group that the person made. */
  group: Group<unknown>;
  /** A group that somebody else made, in which the person is a plain member. */
  joined: Group<unknown>;
  dm: Dm<unknown>;
  /** A group that the person denied. */
  denied: Group<unknown>;
  /** Some of its messages disappear by themselves, some do not. */
  disappearing: Group<unknown>;
  /** Ids of the messages in {@link group} that stay. */
  messageIds: string[];
}

const unknown = 0;
const denied = 2;
const hourNs = 60n * 60n * 1_000_000_000n;

/**
 * Writes conversations between a person and somebody else.
 *
 * @param own - an installation of the person
 * @param peer - of somebody else
 */
export async function populateConversations(
  own: TestClient,
  peer: TestClient,
): Promise<PopulatedConversations> {
  const group = await own.conversations.createGroup([peer.inboxId], {
    groupName: "group",
  });
  const messageIds = [];
  for (const text of ["", "one", "two 🙂", "x".repeat(5_000)])
    messageIds.push(await group.sendText(text));
  const dm = await own.conversations.createDm(peer.inboxId);
  await dm.sendText("only between us");

  const joinedByPeer = await peer.conversations.createGroup([own.inboxId]);
  await joinedByPeer.sendText("welcome");
  const deniedByPeer = await peer.conversations.createGroup([own.inboxId]);
  await deniedByPeer.sendText("unwanted");

  const disappearing = await own.conversations.createGroup([peer.inboxId]);
  await disappearing.sendText("stays");
  await disappearing.updateMessageDisappearingSettings(1n, hourNs);
  await disappearing.sendText("goes");
  await disappearing.sendText("goes too");

  await own.conversations.syncAll([unknown, 1, denied]);
  const deniedHere = await findGroup(own, deniedByPeer.id);
  deniedHere.updateConsentState(denied);
  return {
    group,
    joined: await findGroup(own, joinedByPeer.id),
    dm,
    denied: deniedHere,
    disappearing,
    messageIds,
  };
}

/** @throws when there is no such group */
export async function findGroup(
  client: TestClient,
  id: string,
): Promise<Group<unknown>> {
  const found = client.conversations
    .listGroups({ consentStates: [unknown, 1, denied] })
    .find((each) => each.id === id);
  if (found === undefined) throw new Error("the group is not there");
  return found;
}
