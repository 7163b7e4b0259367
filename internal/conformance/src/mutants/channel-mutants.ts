import { mutantsOf, tests } from "./mutant.js";

/** Rule 1: where a message stands, and who signed it. */
export const channelMutants = [
  ...mutantsOf("packages/client/src/channel/private-channel.ts", [
    {
      name: "a DM may be a channel",
      find: 'conversation?.kind !== "group" || !conversation.isMarked',
      replace: "conversation === undefined || !conversation.isMarked",
      testFile: tests.readMessage,
      test: "security rule 1: in a DM the bytes are not even parsed",
    },
    {
      name: "a group need not be marked",
      find: 'conversation?.kind !== "group" || !conversation.isMarked',
      replace: 'conversation?.kind !== "group"',
      testFile: tests.rule1,
      test: "security rule 1: a request sent in an own group that is not marked is not even read, though an own installation has signed it",
    },
    {
      name: "a channel may hold others",
      find: "!memberInboxIds.every((inboxId) => inboxId === installation.inboxId)",
      replace: "false",
      testFile: tests.rule1,
      test: "security rule 1: a request sent in a marked group with another person is not even read, though an own installation has signed it",
    },
    {
      name: "a channel may hold others who were added to it",
      find: "!memberInboxIds.every((inboxId) => inboxId === installation.inboxId)",
      replace: "false",
      testFile: tests.rule1,
      test: "security rule 1: another inbox is added to the channel after the request is shown",
    },
    {
      name: "a channel may have no members that are known",
      find: "memberInboxIds.length === 0 ||",
      replace: "",
      testFile: tests.readMessage,
      test: "security rule 1: in a group whose members nobody knows the bytes are not even parsed",
    },
    {
      name: "an id that is no channel's is an error that nobody expects",
      find: "if (error instanceof ProtocolError) return undefined;",
      replace: "",
      testFile: tests.readMessage,
      test: "security rule 1: a conversation that is not known, or has no channel's id, is no channel",
    },
  ]),
  ...mutantsOf("packages/client/src/channel/read-backup-message.ts", [
    {
      name: "a message of another inbox is looked at",
      find: "message.senderInboxId !== inboxId",
      replace: "false",
      testFile: tests.rule1,
      test: "security rule 1: a stranger's request in a group causes no network call: the network sees what any text causes",
    },
    {
      name: "a message may stand anywhere",
      find: "await findPrivateChannel(context, message.conversationId)",
      replace:
        "(await findPrivateChannel(context, message.conversationId)) ?? (message.conversationId as ChannelId)",
      testFile: tests.rule1,
      test: "security rule 1: a request sent in a DM with another person is not even read, though an own installation has signed it",
    },
    {
      name: "a signature is not verified",
      find: "verifyEnvelope(envelope, { inboxId, channelId });",
      replace: "",
      testFile: tests.rule1,
      test: "security rule 1: an altered request, with one byte of the payload changed, is ignored",
    },
    {
      name: "a signature for another channel counts",
      find: "verifyEnvelope(envelope, { inboxId, channelId });",
      replace: "",
      testFile: tests.rule1,
      test: "security rule 1: a request moved from another channel, or from another inbox, is ignored",
    },
    {
      name: "what is malformed is an error that nobody expects",
      find: "if (!(error instanceof ProtocolError)) throw error;",
      replace: "throw error;",
      testFile: tests.rule1,
      test: "security rule 1: garbage under the content type, from anybody, does nothing",
    },
  ]),
  ...mutantsOf("packages/client/src/channel/inbox-membership.ts", [
    {
      name: "rule 2: whoever asks is in the inbox",
      find: "(candidate) => candidate.installationId === installationId",
      replace: "(candidate) => candidate.installationId !== undefined",
      testFile: tests.rule2,
      test: "security rule 2: an installation that was revoked before its request is not even shown",
    },
  ]),
  ...mutantsOf("packages/client/src/incoming-messages.ts", [
    {
      name: "a backup installation may say more than a response",
      find: 'const isDisregarded = isBackup && payload.kind !== "response";',
      replace: "const isDisregarded = false;",
      testFile: tests.receiveResponse,
      test: "a backup installation's response counts, and its decline does not",
    },
    {
      name: "rule 2: a network that is away lets a message be forgotten",
      find: 'return "postponed";',
      replace: 'dealtWith.add(message.messageId);\n      return "dealtWith";',
      testFile: tests.receiveRequest,
      test: "security rule 2: while the network cannot be read nobody is asked, and the request is read again later",
    },
  ]),
  ...mutantsOf("packages/client/src/engine.ts", [
    {
      name: "messages of a group with somebody else are read from the database",
      find: "if ((await findPrivateChannel(context, channelId)) === undefined) continue;",
      replace: "",
      testFile: tests.receiveRequest,
      test: "a channel that is not private is not read, however much stands in it",
    },
    {
      name: "rule 5: an approval counts while a message could not be checked",
      find: '(await catchUp()) === "postponed"',
      replace: "(await catchUp()) === undefined as never",
      testFile: tests.respond,
      test: "security rule 5: while a message that arrived cannot be checked, no approval counts",
    },
    {
      name: "rule 9: nothing is swept at the start",
      find: "await context.scratch.sweep(downloadsInProgress(context));",
      replace: "",
      testFile: tests.rule9,
      test: "security rule 9: a download is private while it is under way; what is left of one that nobody goes on with is swept",
    },
  ]),
];
