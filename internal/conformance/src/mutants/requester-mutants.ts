import { mutantsOf, tests } from "./mutant.js";

const ignored = (what: string) =>
  `security rule 7: a response ${what} is ignored; nothing is fetched and nothing written`;
const ofAFile = (what: string) =>
  `security rule 7: of a file ${what} not one row is written`;

/** Rules 4, 7 and 11 on the side that asks. */
export const requesterMutants = [
  ...mutantsOf("packages/client/src/requester/receive-response.ts", [
    {
      name: "rule 7: a response to no request",
      find: "found === undefined || found.call.channelId !== message.channelId",
      replace: "found === undefined",
      testFile: tests.receiveResponse,
      test: "security rule 7: a response in another channel is to no request",
    },
    {
      name: "rule 7: any own installation may answer",
      find: "if (found.record.recipientInstallationId !== message.senderInstallationId)",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: "security rule 7: a response of another own installation than the one that was asked is ignored",
    },
    {
      name: "rule 4: an expired request may be answered",
      find: "if (found.call.expiresAtNs <= context.clock.nowNs())",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: "security rule 7: a response to a request that has expired is ignored",
    },
    {
      name: "rule 4: a second response takes the first one's place",
      find: "if (!canBeAnswered(record) || record.secrets === undefined)",
      replace: "if (record.secrets === undefined)",
      testFile: tests.receiveResponse,
      test: "security rule 4: a second response changes nothing, and is not even opened",
    },
    {
      name: "rule 7: the answer to one request is taken for another",
      find: "response === undefined || response.requestId !== record.requestId",
      replace: "response === undefined",
      testFile: tests.rule7,
      test: ignored("to another request, in an envelope to this one"),
    },
    {
      name: "rule 7: a response may have expired",
      find: "if (response.expirationTimeNs <= context.clock.nowNs())",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: ignored("with a file that has expired"),
    },
    {
      name: "rule 7: the file may be anywhere",
      find: "if (storageOriginOf(response.backupUrl) !== record.storageOrigin)",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: ignored("with a file at another origin"),
    },
    {
      name: "rule 7: the file may be of any size",
      find: "if (response.backupFileSizeBytes > context.policy.maxBackupFileBytes)",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: ignored("with a file larger than the app allows"),
    },
    {
      name: "rule 7: whoever answers need not be in the inbox",
      find: 'if ((await findInInbox(context, message.senderInstallationId)) === undefined)\n    return "senderNotInInbox";\n  await moveOutbound(context, record.requestId, "responseAccepted"',
      replace:
        'await moveOutbound(context, record.requestId, "responseAccepted"',
      testFile: tests.rule7,
      test: "security rule 7: a response of an installation that was revoked meanwhile is ignored",
    },
    {
      name: "a decline is believed of whoever is not in the inbox",
      find: 'if ((await findInInbox(context, message.senderInstallationId)) === undefined)\n    return "senderNotInInbox";\n  await moveOutbound(context, found.record.requestId, "declineAccepted");',
      replace:
        'await moveOutbound(context, found.record.requestId, "declineAccepted");',
      testFile: tests.receiveResponse,
      test: "a decline is believed of the installation that was asked, and of no other",
    },
    {
      name: "what does not open is an error that nobody expects",
      find: "    // age gives plain errors",
      replace: "    throw new Error();\n    // age gives plain errors",
      testFile: tests.rule7,
      test: ignored("sealed to somebody else's key"),
    },
  ]),
  ...mutantsOf("packages/client/src/requester/download-backup.ts", [
    {
      name: "rule 7: the origin is not asked again",
      find: "if (storageOriginOf(backupUrl) !== storageOrigin)",
      replace: "if (false as boolean)",
      testFile: tests.download,
      test: "security rule 7: nothing is fetched from another origin than the upload went to",
    },
    {
      name: "rule 7: the service's own size is not compared",
      find: "storedBytes !== undefined && storedBytes !== totalBytes",
      replace: "false as boolean",
      testFile: tests.rule7,
      test: ofAFile("that was cut by the storage service"),
    },
    {
      name: "rule 7: a service may send for ever",
      find: "if (bytes > totalBytes)\n          throw",
      replace: "if (false as boolean)\n          throw",
      testFile: tests.rule7,
      test: "security rule 7: a service that sends on and on is cut off at the announced size",
    },
    {
      name: "a download may end early",
      find: "if ((await scratch.size(downloadName)) !== totalBytes)",
      replace: "if (false as boolean)",
      testFile: tests.download,
      test: "a download that ends early can be tried again",
    },
    {
      name: "rule 7: the hash is not compared",
      find: "if (!sameBytes(sha256.digest(), backupFileHash))",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: ofAFile("with one flipped byte in its middle"),
    },
    {
      name: "rule 7: hashes are the same when they begin alike",
      find: "a.length === b.length && a.every((byte, index) => byte === b[index])",
      replace: "a.length === b.length",
      testFile: tests.rule7,
      test: ofAFile("with its last byte flipped"),
    },
    {
      name: "a file with another hash stays on the disk",
      find: 'await scratch.delete(downloadName);\n    throw new CarryoverError(\n      "hashMismatch"',
      replace: 'throw new CarryoverError(\n      "hashMismatch"',
      testFile: tests.download,
      test: "security rule 7: one changed byte, and the file is gone before anything opens it",
    },
  ]),
  ...mutantsOf("packages/client/src/requester/apply-backup.ts", [
    {
      name: "rule 7: the file may hold another number of messages",
      find: "if (verified.messageRecordCount !== record.offered?.messageCount)",
      replace: "if (false as boolean)",
      testFile: tests.rule7,
      test: ofAFile("with another number of messages than announced"),
    },
  ]),
  ...mutantsOf("packages/client/src/history/verify-backup.ts", [
    {
      name: "rule 7: rows are written before the whole file is read",
      find: 'if (lookUp.add(record) === "full") await lookUp.flush();',
      replace: "lookUp.add(record);\n    if (verified.messageCount > 0) break;",
      testFile: tests.rule7,
      test: ofAFile("that was cut at a record before it was encrypted"),
    },
    {
      name: "rule 7: the file may be of another inbox",
      find: "reading.ownerInboxId !== undefined &&\n    reading.ownerInboxId !== context.installation.inboxId",
      replace: "false as boolean",
      testFile: tests.rule7,
      test: ofAFile("of another inbox"),
    },
    {
      name: "rule 7: the DMs may be of another inbox",
      find: 'if (view.dmId !== undefined && !view.dmId.split(":").includes(inboxId))',
      replace: "if (false as boolean)",
      testFile: tests.verify,
      test: "security rule 7: a file of another inbox is refused by its header, and by any DM in it",
    },
    {
      name: "rule 1: a forged channel is imported",
      find: "(isBackupChannelGroup(view) &&",
      replace: "((false as boolean) &&",
      testFile: tests.rule11,
      test: "security rule 1: a forged channel in an imported Message Backup File does nothing, and is not imported",
    },
    {
      name: "rule 1: a channel that is here is written into",
      find: "channelIds.has(conversationId) ||",
      replace: "",
      testFile: tests.verify,
      test: "nothing is imported into a channel that is here, whatever the file calls it",
    },
    {
      name: "a marked group with others in it is taken for a channel",
      find: "!(await holdsOthers(context, conversationId)))",
      replace: "(true as boolean))",
      testFile: tests.rule11,
      test: "a member who marks a group as a backup channel keeps it neither out of the backup nor out of the import",
    },
    {
      name: "the library's own sync groups are imported",
      find: 'view.conversationType === "sync" ||',
      replace: "",
      testFile: tests.verify,
      test: "a channel that a backup made up is not imported, and the report says so",
    },
    {
      name: "a file's own errors are nobody's",
      find: "if (!(error instanceof BackupFileError)) return error;",
      replace: "return error;",
      testFile: tests.verify,
      test: "security rule 7: a file cut anywhere, or with any byte changed, writes no row",
    },
  ]),
  ...mutantsOf("packages/client/src/history/import-backup.ts", [
    {
      name: "rule 1: what is refused is imported all the same",
      find: "refused.has(view.conversationId)\n    )\n      continue;",
      replace: "refused.has(view.conversationId)\n    )\n      void 0;",
      testFile: tests.rule11,
      test: "security rule 1: a forged channel in an imported XMTP archive does nothing, and is not imported",
    },
    {
      name: "rule 11: the backup's consent goes over the person's own",
      find: 'if (batch.kind !== "messages" && batch.kind !== "conversations") continue;',
      replace: "",
      testFile: tests.verify,
      test: "what a person chose here stays, and everything else becomes what it was",
    },
    {
      name: "rule 11: what a person denied becomes allowed",
      find: "await putConsentBack(context, verified, before, listed);",
      replace: "",
      testFile: tests.consent,
      test: "an own group that was denied stays denied when it comes live only long after the import",
    },
  ]),
  ...mutantsOf("packages/client/src/history/import-report.ts", [
    {
      name: "rule 11: nobody says who supplied the history",
      find: "...(suppliedBy !== undefined && { suppliedBy }),",
      replace: "...(suppliedBy === null && { suppliedBy }),",
      testFile: tests.rule11,
      test: "security rule 11: imported history says who supplied it",
    },
  ]),
  ...mutantsOf("packages/client/src/history/scope-filter.ts", [
    {
      name: "backup channels are part of a backup",
      find: "Array.from(backupChannelIds, (id) => [id, channelReason]),",
      replace:
        "Array.from(backupChannelIds, (id) => [`${id}x`, channelReason]),",
      testFile: tests.verify,
      test: "a channel whose record says nothing of it is no part of a backup either",
    },
  ]),
  ...mutantsOf("packages/client/src/history/ordinary-conversations.ts", [
    {
      name: "the mark alone keeps a conversation out of a backup",
      find: "isBackupChannel && !(await holdsOthers(context, conversationId))",
      replace: "isBackupChannel",
      testFile: tests.rule11,
      test: "a member who marks a group as a backup channel keeps it neither out of the backup nor out of the import",
    },
  ]),
  ...mutantsOf("packages/client/src/requester/send-call.ts", [
    {
      name: "rule 1: a request is sent to whoever is in the channel",
      find: "if ((await findPrivateChannel(context, channelId)) === undefined)",
      replace: "if (false as boolean)",
      testFile: tests.receiveResponse,
      test: "requests go only to a channel that holds nobody else, at every try",
    },
  ]),
  ...mutantsOf("packages/client/src/requester/request-backup.ts", [
    {
      name: "backup installations are asked",
      find: "!isBackupInstallation(context, id)),",
      replace: "isBackupInstallation !== undefined),",
      testFile: tests.receiveResponse,
      test: "revoked installations, backup installations and itself are not asked",
    },
    {
      name: "any upload URL is put into a request",
      find: "const storageOrigin = storageOriginOfMessageUrl(uploadUrl);",
      replace: "const storageOrigin = storageOriginOf(uploadUrl);",
      testFile: tests.receiveResponse,
      test: "a storage service that authorizes with an upload URL that no message can hold is refused, and nothing is left to do",
    },
    {
      name: "a service may have us delete anywhere",
      find: "if (deletion && !ownOrigins.includes(storageOriginOf(deletion.url)))",
      replace: "if (false as boolean)",
      testFile: tests.receiveResponse,
      test: "a storage service that authorizes with a place to delete at that is not its own is refused, and nothing is left to do",
    },
  ]),
  ...mutantsOf("packages/client/src/requester/carry-out-effects.ts", [
    {
      name: "rule 4: the request's key outlives it",
      find: "delete findOutbound(draft, record.requestId)?.record.secrets;",
      replace: "void draft;",
      testFile: tests.receiveResponse,
      test: "security rule 4: a response to an expired request is ignored, and the request's key is gone",
    },
  ]),
  ...mutantsOf("packages/client/src/state/state-codec.ts", [
    {
      name: "rule 8: what cannot be read is quoted",
      find: '} catch {\n    // The reason is left out: it quotes the text, and that holds keys.\n    throw new CarryoverError("stateUnreadable", "state: not valid JSON");',
      replace:
        '} catch (cause) {\n    throw new CarryoverError("stateUnreadable", "state: not valid JSON", { cause });',
      testFile: tests.stateCodec,
      test: "security rule 8: what cannot be read is not quoted: it holds keys",
    },
  ]),
];
