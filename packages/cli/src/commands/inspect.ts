import {
  type MessageBackupHeader,
  type MessageBackupManifest,
  readXmtpArchive,
  verifyMessageBackupFile,
} from "@carryover/backup-file";
import { createNodePorts } from "@carryover/xmtp-node";
import type { Command } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { listProfiles } from "../profile/profile-store.js";
import { namesOf } from "../session.js";
import {
  counted,
  formatBytes,
  formatCount,
  formatTime,
  shortId,
} from "../terminal/format.js";
import { table } from "../terminal/layout.js";
import { printable } from "../terminal/text.js";
import { askForIdentity } from "../profile/identity-file.js";
import {
  type LocalFile,
  openLocalFile,
  readArchiveKey,
  type SecretOptions,
} from "./backup-source.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";
import { leftOutLines } from "./request-view.js";

/** `carryover inspect FILE`: verifies a file whole and says what is in it; messages are not shown. */
export function inspectCommand(run: Run): Command {
  return commandOf(
    "inspect",
    "verify a Message Backup File or XMTP archive, and say what it holds",
  )
    .argument("<file>", "the file")
    .option("-i, --identity-file <path>", "age identity that opens it")
    .option("--archive-key-file <path>", "key of an XMTP archive, in hex")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<SecretOptions & CommonOptions>();
      await run(options, async (context) => {
        const file = await openLocalFile(path);
        switch (file.format) {
          case "messageBackupFile":
            return inspectBackup(context, file, options);
          case "xmtpArchive":
            return inspectArchive(context, file, options);
          case "unknown":
            throw new CliError(
              "fileUnreadable",
              "this is neither a Message Backup File nor an XMTP archive",
              "It was not changed. Check that it is the right file, and that it was copied whole.",
            );
        }
      });
    });
}

async function inspectBackup(
  context: CommandContext,
  file: LocalFile,
  options: SecretOptions,
) {
  const identity = await askForIdentity(context, options.identityFile);
  const { header, manifest, sha256 } = await verifyMessageBackupFile({
    file: await file.open(),
    identities: [identity],
    expectedSizeBytes: file.sizeBytes,
    ports: createNodePorts(),
    signal: context.signal,
  });
  const { output } = context;
  output.json({
    ok: true,
    command: "inspect",
    format: "messageBackupFile",
    sizeBytes: file.sizeBytes,
    sha256: Buffer.from(sha256).toString("hex"),
    version: header.version,
    codec: header.codec,
    schema: header.schema,
    producer: { ...header.producer },
    createdAtNs: header.createdAtNs.toString(),
    inboxId: header.inboxId,
    installationId: header.installationId ?? null,
    messageCount: manifest.messageCount,
    consentCount: manifest.consentCount,
    conversations: manifest.conversations.map((each) => ({
      conversationId: each.conversationId,
      conversationType: each.conversationType,
      messageCount: each.messageCount,
      firstSentAtNs: each.firstSentAtNs?.toString() ?? null,
      lastSentAtNs: each.lastSentAtNs?.toString() ?? null,
    })),
    leftOut: manifest.leftOut.map((each) => ({ ...each })),
    unknownKinds: manifest.unknownKinds.map((each) => ({ ...each })),
  });
  if (output.format === "text")
    output.say(...(await describe(context, file, header, manifest)));
  return exitCodes.done;
}

async function describe(
  { home, output }: CommandContext,
  file: LocalFile,
  header: MessageBackupHeader,
  manifest: MessageBackupManifest,
): Promise<string[]> {
  const owner = namesOf(await listProfiles(home))(header.inboxId);
  const from =
    header.installationId === undefined
      ? "an installation it does not name"
      : `installation ${shortId(header.installationId)}…`;
  const unknown = manifest.unknownKinds.reduce(
    (sum, { count }) => sum + count,
    0,
  );
  return [
    `${output.style.green("✓")} Message Backup File, version ${header.version}: whole, and every check passed.`,
    `  account    ${shortId(header.inboxId)}…${owner === undefined ? "" : ` (${owner})`}, from ${from}`,
    `  made       ${formatTime(header.createdAtNs)} by ${printable(`${header.producer.name} ${header.producer.version}`)}`,
    `  size       ${formatBytes(file.sizeBytes)}, ${header.codec} inside age`,
    `  holds      ${counted(manifest.messageCount, "message")} in ${counted(manifest.conversations.length, "conversation")}, ${counted(manifest.consentCount, "consent record")}`,
    ...leftOutLines(manifest.leftOut),
    ...(unknown === 0
      ? []
      : [`  ${counted(unknown, "record")} of kinds unknown to this version.`]),
    "",
    ...table(
      [
        { title: "CONVERSATION", shrinks: "shrinks" },
        { title: "KIND" },
        { title: "MESSAGES", align: "right" },
        { title: "FIRST" },
        { title: "LAST" },
      ],
      manifest.conversations.map((each) => [
        `${each.conversationId.slice(0, 16)}…`,
        each.conversationType,
        formatCount(each.messageCount),
        each.firstSentAtNs === undefined ? "" : formatTime(each.firstSentAtNs),
        each.lastSentAtNs === undefined ? "" : formatTime(each.lastSentAtNs),
      ]),
      output.width,
    ),
  ];
}

async function inspectArchive(
  context: CommandContext,
  file: LocalFile,
  options: SecretOptions,
) {
  const reader = await readXmtpArchive({
    archive: await file.open(),
    key: await readArchiveKey(context, options),
    ports: createNodePorts(),
    signal: context.signal,
  });
  const messages = new Map<string, number>();
  let conversations = 0;
  let consentRecords = 0;
  for await (const { view } of reader.elements) {
    if (view.kind === "group") conversations += 1;
    if (view.kind === "consent") consentRecords += 1;
    if (view.kind === "message")
      messages.set(
        view.conversationId,
        (messages.get(view.conversationId) ?? 0) + 1,
      );
  }
  const messageCount = [...messages.values()].reduce((sum, n) => sum + n, 0);
  const { output } = context;
  output.json({
    ok: true,
    command: "inspect",
    format: "xmtpArchive",
    sizeBytes: file.sizeBytes,
    conversationCount: conversations,
    messageCount,
    consentCount: consentRecords,
  });
  output.say(
    `XMTP archive, ${formatBytes(file.sizeBytes)}: ${counted(messageCount, "message")} in ${counted(conversations, "conversation")}, ${counted(consentRecords, "consent record")}.`,
    `${output.style.yellow("!")} An XMTP archive has no end mark and no counts: whether it is whole cannot be told.`,
  );
  return exitCodes.done;
}
