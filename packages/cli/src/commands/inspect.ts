import {
  type BackupFileSummary,
  inspectBackupFile,
  type MessageBackupFileSummary,
} from "@carryover/backup-file";
import { createNodePorts } from "@carryover/xmtp-node";
import type { Command } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import type { Json, Output } from "../output.js";
import { askForIdentity } from "../profile/identity-file.js";
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
import { createProgressBar } from "../terminal/progress-bar.js";
import { printable } from "../terminal/text.js";
import {
  type LocalFile,
  openLocalFile,
  readArchiveKey,
  type SecretOptions,
} from "./backup-source.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";
import { asLocalFileError } from "./local-file-error.js";
import { orItIsAccountFile } from "./other-kind-of-file.js";
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
        const summary = await inspect(
          context,
          await openLocalFile(path),
          options,
        );
        const { home, output } = context;
        output.json({ ok: true, command: "inspect", ...summaryJson(summary) });
        if (output.format === "text") {
          const nameOf = namesOf(await listProfiles(home));
          output.say(
            ...(summary.format === "messageBackupFile"
              ? backupLines(summary, nameOf, output)
              : archiveLines(summary, output)),
            "",
            ...conversationTable(summary, output),
          );
        }
        return exitCodes.done;
      });
    });
}

async function inspect(
  context: CommandContext,
  file: LocalFile,
  options: SecretOptions,
): Promise<BackupFileSummary> {
  if (file.format === "unknown")
    throw new CliError(
      "fileUnreadable",
      "this is neither a Message Backup File nor an XMTP archive",
      "It was not changed. Check that it is the right file, and that it was copied whole.",
    );
  const secret =
    file.format === "xmtpArchive"
      ? { archiveKey: await readArchiveKey(context, options) }
      : { identities: [await askForIdentity(context, options.identityFile)] };
  const { output, signal } = context;
  const bar = createProgressBar(output);
  try {
    const summary = await inspectBackupFile({
      file: await file.open(),
      ports: createNodePorts(),
      signal,
      onProgress: ({ fileBytes }) => {
        bar.update({
          phase: "verifying",
          bytes: fileBytes,
          totalBytes: file.sizeBytes,
        });
      },
      ...secret,
    });
    bar.finish("done");
    return summary;
  } catch (error) {
    bar.finish("stopped");
    const kept = "It was not changed.";
    const { path } = file;
    const told =
      "identities" in secret
        ? await orItIsAccountFile(
            error,
            { path, identities: secret.identities, signal },
            kept,
          )
        : error;
    throw asLocalFileError(told, kept);
  }
}

function backupLines(
  { header, counts, leftOut, sizeBytes }: MessageBackupFileSummary,
  nameOf: (inboxId: string) => string | undefined,
  output: Output,
): string[] {
  const owner = nameOf(header.inboxId);
  const from =
    header.installationId === undefined
      ? "an installation it does not name"
      : `installation ${shortId(header.installationId)}…`;
  const unknown = counts.unknownKinds.reduce(
    (sum, { count }) => sum + count,
    0,
  );
  return [
    `${output.style.green("✓")} Message Backup File, version ${header.version}: whole, and every check passed.`,
    `  account    ${shortId(header.inboxId)}…${owner === undefined ? "" : ` (${owner})`}, from ${from}`,
    `  made       ${formatTime(header.createdAtNs)} by ${printable(`${header.producer.name} ${header.producer.version}`)}`,
    `  size       ${formatBytes(sizeBytes)}, ${header.codec} inside age`,
    `  holds      ${holds(counts)}`,
    ...leftOutLines(leftOut),
    ...(unknown === 0
      ? []
      : [`  ${counted(unknown, "record")} of kinds unknown to this version.`]),
  ];
}

function archiveLines(
  {
    archiveVersion,
    counts,
    sizeBytes,
  }: BackupFileSummary & {
    format: "xmtpArchive";
  },
  output: Output,
): string[] {
  return [
    `XMTP archive, version ${archiveVersion}, ${formatBytes(sizeBytes)}: ${holds(counts)}`,
    `${output.style.yellow("!")} An archive does not say whose it is, nor whether it is whole.`,
  ];
}

const holds = ({
  messageCount,
  conversations,
  consentCount,
}: BackupFileSummary["counts"]) =>
  `${counted(messageCount, "message")} in ${counted(conversations.length, "conversation")}, ${counted(consentCount, "consent record")}`;

function conversationTable(
  { counts }: BackupFileSummary,
  output: Output,
): string[] {
  return table(
    [
      { title: "CONVERSATION", shrinks: "shrinks" },
      { title: "KIND" },
      { title: "MESSAGES", align: "right" },
      { title: "FIRST" },
      { title: "LAST" },
    ],
    counts.conversations.map((each) => [
      `${each.conversationId.slice(0, 16)}…`,
      each.conversationType,
      formatCount(each.messageCount),
      each.firstSentAtNs === undefined ? "" : formatTime(each.firstSentAtNs),
      each.lastSentAtNs === undefined ? "" : formatTime(each.lastSentAtNs),
    ]),
    output.width,
  );
}

function summaryJson(summary: BackupFileSummary): { [key: string]: Json } {
  const { counts } = summary;
  return {
    format: summary.format,
    sizeBytes: summary.sizeBytes,
    messageCount: counts.messageCount,
    consentCount: counts.consentCount,
    conversations: counts.conversations.map((each) => ({
      conversationId: each.conversationId,
      conversationType: each.conversationType,
      messageCount: each.messageCount,
      firstSentAtNs: each.firstSentAtNs?.toString() ?? null,
      lastSentAtNs: each.lastSentAtNs?.toString() ?? null,
    })),
    unknownKinds: counts.unknownKinds.map((each) => ({ ...each })),
    ...(summary.format === "xmtpArchive"
      ? { archiveVersion: summary.archiveVersion }
      : {
          sha256: Buffer.from(summary.sha256).toString("hex"),
          version: summary.header.version,
          codec: summary.header.codec,
          schema: summary.header.schema,
          producer: { ...summary.header.producer },
          createdAtNs: summary.header.createdAtNs.toString(),
          inboxId: summary.header.inboxId,
          installationId: summary.header.installationId ?? null,
          leftOut: summary.leftOut.map((each) => ({ ...each })),
        }),
  };
}
