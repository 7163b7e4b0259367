import type { Dm, Group } from "@xmtp/node-sdk";

/** What is used of a conversation, of whichever SDK. */
export interface WritableConversation {
  readonly id: string;
  sendText(text: string): Promise<string>;
}

/** What is used of a group, of whichever SDK. */
export interface WritableGroup extends WritableConversation {
  updateMessageDisappearingSettings(
    fromNs: bigint,
    inNs: bigint,
  ): Promise<unknown>;
  updateConsentState(state: number): unknown;
}

/** What is used of a client, of whichever SDK. */
export interface WritingClient<
  OwnGroup extends WritableGroup,
  OwnDm extends WritableConversation,
> {
  readonly inboxId: string;
  readonly conversations: {
    createGroup(
      inboxIds: string[],
      options?: { groupName?: string },
    ): Promise<OwnGroup>;
    createDm(inboxId: string): Promise<OwnDm>;
    listGroups(options: {
      consentStates: number[];
    }): OwnGroup[] | Promise<OwnGroup[]>;
    syncAll(consentStates: number[]): Promise<unknown>;
  };
}

/** Conversations of all kinds, as an installation of some age has them. */
export interface PopulatedConversations<
  OwnGroup = Group<unknown>,
  OwnDm = Dm<unknown>,
> {
  /** A group that the person made. */
  group: OwnGroup;
  /** A group that somebody else made, in which the person is a plain member. */
  joined: OwnGroup;
  dm: OwnDm;
  /** A group that the person denied. */
  denied: OwnGroup;
  /** Some of its messages disappear by themselves, some do not. */
  disappearing: OwnGroup;
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
export async function populateConversations<
  OwnGroup extends WritableGroup,
  OwnDm extends WritableConversation,
>(
  own: WritingClient<OwnGroup, OwnDm>,
  peer: WritingClient<WritableGroup, WritableConversation>,
): Promise<PopulatedConversations<OwnGroup, OwnDm>> {
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
  await deniedHere.updateConsentState(denied);
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
export async function findGroup<
  OwnGroup extends WritableGroup,
  OwnDm extends WritableConversation,
>(client: WritingClient<OwnGroup, OwnDm>, id: string): Promise<OwnGroup> {
  const groups = await client.conversations.listGroups({
    consentStates: [unknown, 1, denied],
  });
  const found = groups.find((each) => each.id === id);
  if (found === undefined) throw new Error("the group is not there");
  return found;
}
