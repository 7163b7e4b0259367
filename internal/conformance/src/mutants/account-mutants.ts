import { mutantsOf, tests } from "./mutant.js";

/** What a Backup Account File's installation may do, and what is believed of it. */
export const accountMutants = [
  ...mutantsOf("packages/client/src/role/read-certificate.ts", [
    {
      name: "anybody can sign that another installation is a backup",
      find: "verifyEnvelope(envelope, { inboxId: installation.inboxId, channelId });",
      replace: "void verifyEnvelope;",
      testFile: tests.role,
      test: "security rule: nobody silences a live installation by another installation's signature under a live one's name",
    },
    {
      name: "anything signed counts as the word of a backup",
      find: 'if (payload.kind !== "contactBundle" || payload.contactRole !== "backup")',
      replace: "if (false as boolean)",
      testFile: tests.role,
      test: "security rule: nobody silences a live installation by a live installation's request, as if it were its role",
    },
    {
      name: "an ordinary installation's word makes it a backup",
      find: ' || payload.contactRole !== "backup")',
      replace: ")",
      testFile: tests.role,
      test: "security rule: nobody silences a live installation by a live installation's word that it is an ordinary one",
    },
  ]),
  ...mutantsOf("packages/client/src/role/receive-role.ts", [
    {
      name: "old keys fill the records",
      find: "if ((await findInInbox(context, installationId)) === undefined)",
      replace: "if (false as boolean)",
      testFile: tests.role,
      test: "the word of one who is not in the inbox is not kept: records cannot be filled with old keys",
    },
    {
      name: "a request that is shown stays when its sender turns out to be a backup",
      find: "await closeRequestsOf(context, installationId);",
      replace: "void closeRequestsOf;",
      testFile: tests.role,
      test: "security rule: a request that is shown already is closed when the role becomes known",
    },
  ]),
  ...mutantsOf("packages/xmtp-shared/src/account/network-rules.ts", [
    {
      name: "what the wall does not know is let through",
      find: ': { kind: "refuse" };',
      replace: ': { kind: "pass" };',
      testFile: tests.wall,
      test: "judgeCall refuses every path that it does not know, and such that look like one",
    },
    {
      name: "the wall lets messages into any group through",
      find: "groups.every(reach.mayWriteTo)",
      replace: "groups.some(reach.mayWriteTo)",
      testFile: tests.wall,
      test: "judgeCall lets messages through that go into allowed groups alone, with the bytes that were read",
    },
    {
      name: "the wall lets through what it cannot read",
      find: "groups !== undefined && groups.every",
      replace: "(groups ?? []).every",
      testFile: tests.wall,
      test: "judgeCall lets nothing through that it could not read, also where every group is allowed",
    },
    {
      name: "the wall renews a key package unasked",
      find: 'path === uploadKeyPackage && reach.keyPackage === "allowed"',
      replace: "path === uploadKeyPackage",
      testFile: tests.wall,
      test: "judgeCall refuses /xmtp.mls.api.v1.MlsApi/UploadKeyPackage, whatever else is swallowed",
    },
  ]),
  ...mutantsOf("packages/xmtp-shared/src/account/sent-groups.ts", [
    {
      name: "a call that sends into no group is passed on",
      find: "return groups.length === 0 ? undefined : groups;",
      replace: "return groups;",
      testFile: tests.sentGroups,
      test: "groupsSentTo never takes bytes that it does not understand for nothing at all",
    },
  ]),
  ...mutantsOf("packages/client/src/provider/respond-to-request.ts", [
    {
      name: "a decline says that nothing was sent when the response may have left",
      find: '"declined", { check })',
      replace: '"declined", { ...({ check } && {}) })',
      testFile: tests.finish,
      test: "a decline is refused once the response was handed to the network, which may have it",
    },
    {
      name: "a decline lets the upload go on",
      find: "stop(record.requestId);",
      replace: "void stop;",
      testFile: tests.finish,
      test: "a decline during the upload ends the upload",
    },
  ]),
];
