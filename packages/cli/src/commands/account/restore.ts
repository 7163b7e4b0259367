import type { RestoreReport } from "@carryover/xmtp-node";
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { exitCodes } from "../../exit-code.js";
import type { Output } from "../../output.js";
import { noteAccountFile } from "../../profile/account-file-notes.js";
import { listProfiles, loadProfile } from "../../profile/profile-store.js";
import {
  namesOf,
  type ProfileOptions,
  type Session,
  withSession,
} from "../../session.js";
import { counted, formatCount, shortId } from "../../terminal/format.js";
import { hint } from "../../terminal/hint.js";
import { table } from "../../terminal/layout.js";
import { printable } from "../../terminal/text.js";
import { type NameOf, titlesOf } from "../../xmtp/conversations.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "../command-line.js";
import { importJson } from "../request-json.js";
import { leftOutLines } from "../request-view.js";
import { factsJson, factsLines, refreshByLine } from "./file-view.js";
import { openFile, protectionOfCopy } from "./open-file.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";
import { withProgress } from "./with-progress.js";

interface RestoreOptions extends ProfileOptions, SecretOptions, CommonOptions {
  makeLive?: boolean;
  recipient?: string[];
}

/** `carryover account restore FILE`: brings everything that a file has into an installation. */
export function restoreCommand(run: Run): Command {
  return withSecretOptions(
    withProfileOptions(
      commandOf(
        "restore",
        "bring what a Backup Account File has into this installation",
      ),
    ),
  )
    .argument("<file>", "the Backup Account File")
    .option(
      "--make-live",
      "let the file add this installation to its conversations at once; the file is replaced by a newer one",
    )
    .option(
      "-r, --recipient <age1...>",
      "with --make-live: age recipients of the newer file",
    )
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<RestoreOptions>();
      await run(options, (context) => restore(context, path, options));
    });
}

async function restore(
  context: CommandContext,
  path: string,
  options: RestoreOptions,
) {
  const { output, home } = context;
  const { wallet } = await loadProfile(home, options.profile);
  const opened = await openFile(context, path, {
    ...options,
    defaultWallet: wallet,
  });
  const protection =
    options.makeLive === true
      ? await protectionOfCopy(opened, options.recipient)
      : undefined;
  return withSession(context, options, async (session) => {
    const carryover = await session.carryover();
    const report = await withProgress(context, (bar) =>
      carryover.importFromBackupAccountFile({
        file: opened.file,
        secret: opened.secret,
        conversations: options.makeLive === true ? "makeLive" : "leaveReadOnly",
        ...(opened.known === undefined ? {} : { known: opened.known }),
        ...(protection === undefined ? {} : { protection }),
        ...bar,
      }),
    );
    await noteAccountFile(session.profile, {
      path: opened.path,
      summary: await newestSummary(context, opened, report),
      state: "inUse",
    });
    output.json({
      ok: true,
      command: "account restore",
      file: opened.path,
      fileState: report.fileState,
      facts: factsJson(report.file),
      ...importJson(report, new Set([report.file.summary.installationId])),
      waiting: report.waiting.map((each) => ({
        conversationId: each.conversationId,
        kind: each.kind,
        waitsFor: [...each.waitsFor],
      })),
    });
    if (output.format === "text")
      output.say(
        ...(await reportLines(report, session, output, {
          nameOf: namesOf(await listProfiles(home)),
        })),
      );
    return exitCodes.done;
  });
}

/** After conversations were made live the file is a newer one than the report of the restore knows. */
async function newestSummary(
  context: CommandContext,
  { file, secret, known }: Awaited<ReturnType<typeof openFile>>,
  report: RestoreReport,
) {
  const { summary } = report.file;
  if (report.fileState === "replaced") {
    const { inspectBackupAccountFile } = await import("@carryover/xmtp-node");
    const { contents } = await inspectBackupAccountFile({
      file,
      secret,
      signal: context.signal,
    });
    return contents?.summary ?? summary;
  }
  return known !== undefined && known.sequence > summary.sequence
    ? known
    : summary;
}

const rowsShown = 30;

async function reportLines(
  report: RestoreReport,
  { client, profile }: Session,
  output: Output,
  { nameOf }: { nameOf: NameOf },
): Promise<string[]> {
  const { style } = output;
  const { totals, conversations, waiting, file } = report;
  const titles = await titlesOf(client, nameOf);
  const waitsFor = new Map(
    waiting.map((each) => [each.conversationId, each.waitsFor]),
  );
  const rows = conversations.map((each) => [
    printable(
      titles.get(each.conversationId) ?? `${shortId(each.conversationId)}…`,
    ),
    formatCount(each.sent),
    formatCount(each.imported),
    formatCount(each.alreadyThere),
    each.liveness === "live"
      ? "live"
      : waits(waitsFor.get(each.conversationId), nameOf),
  ]);
  return [
    "",
    ...table(
      [
        { title: "CONVERSATION", shrinks: "shrinks" },
        { title: "IN FILE", align: "right" },
        { title: "NEW HERE", align: "right" },
        { title: "WAS HERE", align: "right" },
        { title: "STATE" },
      ],
      rows.slice(0, rowsShown),
      output.width,
    ),
    ...(rows.length > rowsShown
      ? [`… and ${formatCount(rows.length - rowsShown)} more (see --json).`]
      : []),
    "",
    `${style.green("✓")} ${counted(totals.imported, "message")} in ${counted(totals.conversations, "conversation")} restored, ${formatCount(totals.alreadyThere)} were already there.`,
    ...leftOutLines(report.leftOut),
    ...(waiting.length === 0
      ? []
      : [
          `  ${counted(waiting.length, "conversation")} can be read, and ${waiting.length === 1 ? "waits" : "wait"}: you can write in ${waiting.length === 1 ? "it" : "them"} again as soon`,
          `  as one of ${waiting.length === 1 ? "its" : "their"} other members, or another device of yours, writes there.`,
        ]),
    ...factsLines(file, output),
    report.fileState === "unchanged"
      ? "  The file was not changed: it can be used again."
      : "  The file was replaced by a newer one. Delete every other copy of it.",
    refreshByLine(file.daysLeft, output),
    `  See them with: ${hint(`chats --profile ${profile.name}`)}`,
  ];
}

function waits(
  waitsFor: readonly string[] | undefined,
  nameOf: NameOf,
): string {
  const [first, ...others] = waitsFor ?? [];
  if (first === undefined) return "waits for your devices";
  const name = printable(nameOf(first) ?? `${shortId(first)}…`);
  return `waits for ${name}${others.length === 0 ? "" : ` or ${formatCount(others.length)} more`}`;
}
