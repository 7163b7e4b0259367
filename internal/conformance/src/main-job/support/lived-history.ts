import type { Dm, Group } from "@xmtp/node-sdk";
import { encodeText } from "@xmtp/node-sdk";
import type { TestClient } from "@carryover/testkit";
import {
  consent,
  everyConsent,
  reactionAdded,
  reactionRemoved,
  unicodeReaction,
} from "./sdk-values.js";

/** Ids of the conversations in a history that has a bit of everything. */
export interface LivedHistory {
  /** Made by the person. */
  ownGroup: string;
  /** Made by the person, and denied later. */
  deniedOwnGroup: string;
  /** Made by somebody else: the person is a plain member. */
  joinedGroup: string;
  /** As well, and never looked at. */
  unknownGroup: string;
  /** Nobody wrote anything. */
  emptyGroup: string;
  /** The person was taken out of it. */
  leftGroup: string;
  allowedDm: string;
  deniedDm: string;
  unknownDm: string;
  /** Made by both sides before they knew of each other's. */
  duplicateDms: readonly [string, string];
}

/** Whose history it is, and with whom. Each knows the others. */
export interface Cast {
  alix: TestClient;
  bo: TestClient;
  cleo: TestClient;
  dana: TestClient;
  eve: TestClient;
}

type Conversation = Group<unknown> | Dm<unknown>;

/** Lives a history: groups and DMs of every standing, and messages of every kind in them. */
export async function liveHistory(cast: Cast): Promise<LivedHistory> {
  const { alix, bo, cleo, dana, eve } = cast;
  // The SDK looks for new installations in a DM at most every five seconds after its own writes: DMs come first.
  const allowedDm = await alix.conversations.createDm(bo.inboxId);
  await allowedDm.sendText("hey, new number 👋");
  const mineTwice = await alix.conversations.createDm(dana.inboxId);
  await mineTwice.sendText("we write at the same time");
  const danasTwice = await dana.conversations.createDm(alix.inboxId);
  await danasTwice.sendText("I see that");
  const deniedDm = await cleo.conversations.createDm(alix.inboxId);
  await deniedDm.sendText("you won a boat");
  const unknownDm = await eve.conversations.createDm(alix.inboxId);
  await unknownDm.sendText("are you the Alix from school?");

  const ownGroup = await alix.conversations.createGroup(
    [bo.inboxId, cleo.inboxId],
    { groupName: "family", groupDescription: "us" },
  );
  await writeEveryKind(ownGroup, alix);
  await changeMembers(ownGroup, cleo.inboxId, dana.inboxId);
  const deniedOwnGroup = await alix.conversations.createGroup([cleo.inboxId]);
  await deniedOwnGroup.sendText("a bad idea");
  const emptyGroup = await alix.conversations.createGroup([bo.inboxId]);

  const joinedGroup = await bo.conversations.createGroup(
    [alix.inboxId, dana.inboxId],
    { groupName: "book club" },
  );
  await writeEveryKind(joinedGroup, bo);
  const unknownGroup = await bo.conversations.createGroup([alix.inboxId]);
  await unknownGroup.sendText("is anybody there?");
  const leftGroup = await bo.conversations.createGroup([alix.inboxId]);
  await leftGroup.sendText("before");

  await everyoneSyncs(cast);
  const inOwn = await find(bo, ownGroup.id);
  await writeEveryKind(inOwn, bo);
  const inJoined = await find(alix, joinedGroup.id);
  await writeEveryKind(inJoined, alix);
  await (await find(bo, allowedDm.id)).sendText("hey hey");
  await leftGroup.removeMembers([alix.inboxId]);
  await everyoneSyncs(cast);

  const decide = async (id: string, state: keyof typeof consent) =>
    (await find(alix, id)).updateConsentState(consent[state]);
  await decide(joinedGroup.id, "allowed");
  await decide(deniedOwnGroup.id, "denied");
  await decide(deniedDm.id, "denied");
  return {
    ownGroup: ownGroup.id,
    deniedOwnGroup: deniedOwnGroup.id,
    joinedGroup: joinedGroup.id,
    unknownGroup: unknownGroup.id,
    emptyGroup: emptyGroup.id,
    leftGroup: leftGroup.id,
    allowedDm: allowedDm.id,
    deniedDm: deniedDm.id,
    unknownDm: unknownDm.id,
    duplicateDms: [mineTwice.id, danasTwice.id],
  };
}

async function everyoneSyncs(cast: Cast): Promise<void> {
  for (const client of Object.values(cast) as TestClient[])
    await client.conversations.syncAll(everyConsent);
}

/** By its own id: of duplicate DMs the SDK's look-up by id gives whichever it likes best. */
export async function find(
  client: TestClient,
  id: string,
): Promise<Conversation> {
  const conversation = (
    await client.conversations.list({
      consentStates: everyConsent,
      includeDuplicateDms: true,
    })
  ).find((candidate) => candidate.id === id);
  if (conversation === undefined)
    throw new Error("the conversation is not known to this installation");
  return conversation;
}

async function changeMembers(
  group: Group<unknown>,
  leaving: string,
  joining: string,
): Promise<void> {
  await group.addMembers([joining]);
  await group.removeMembers([leaving]);
  await group.updateName("family and Dana");
}

/** One message of every kind that the SDK has a call for, and one of a kind that it does not know. */
async function writeEveryKind(
  conversation: Conversation,
  { inboxId }: TestClient,
): Promise<void> {
  const text = await conversation.sendText("Fancy Lisbon in June?");
  await conversation.sendText("👩‍👩‍👧‍👦 🇵🇹 ｡◕‿◕｡ \u0000 end");
  await conversation.sendText("");
  await conversation.sendMarkdown("# Plan\n1. *fly*");
  await conversation.sendReply({
    content: encodeText("yes!"),
    reference: text,
    referenceInboxId: inboxId,
  });
  for (const [action, content] of [
    [reactionAdded, "👍"],
    [reactionAdded, "🎉"],
    [reactionRemoved, "👍"],
  ] as const)
    await conversation.sendReaction({
      reference: text,
      referenceInboxId: inboxId,
      action,
      content,
      schema: unicodeReaction,
    });
  await conversation.sendAttachment({
    filename: "map.svg",
    mimeType: "image/svg+xml",
    content: new TextEncoder().encode("<svg/>".repeat(500)),
  });
  await conversation.sendRemoteAttachment({
    url: "https://files.example.org/photo",
    contentDigest: "00".repeat(32),
    secret: new Uint8Array(32).fill(1),
    salt: new Uint8Array(32).fill(2),
    nonce: new Uint8Array(12).fill(3),
    scheme: "https://",
    contentLength: 1_000_000,
    filename: "photo.jpg",
  });
  await conversation.sendTransactionReference({
    networkId: "1",
    reference: "0xabc",
  });
  await conversation.send(
    {
      type: {
        authorityId: "example.org",
        typeId: "poll",
        versionMajor: 1,
        versionMinor: 2,
      },
      parameters: { question: "when?" },
      fallback: "A poll",
      content: Uint8Array.of(0, 1, 254, 255),
    },
    { shouldPush: false },
  );
  await conversation.sendReadReceipt();
}
