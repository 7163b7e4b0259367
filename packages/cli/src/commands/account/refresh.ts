import { missingWords } from "@carryover/client/words";
import {
  type ProtectionChoice,
  refreshBackupAccountFile,
  refreshBackupAccountFileBy,
  type RefreshReport,
} from "@carryover/xmtp-node";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.js";
import { exitCodes } from "../../exit-code.js";
import type { Output } from "../../output.js";
import { updateNotes } from "../../profile/account-file-notes.js";
import { counted, formatBytes } from "../../terminal/format.js";
import { commandOf, type CommonOptions, type Run } from "../command-line.js";
import {
  daysLeftJson,
  fact,
  factsJson,
  refreshByLine,
  summaryJson,
  warning,
} from "./file-view.js";
import {
  environmentOf,
  type OpenedFile,
  openFile,
  protectionOfCopy,
} from "./open-file.js";
import { newPassphrase } from "./passphrase.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";
import { withProgress } from "./with-progress.js";
import {
  type NetworkOptions,
  withNetworkOptions,
  workOptions,
} from "./work-options.js";

interface RefreshOptions extends SecretOptions, NetworkOptions, CommonOptions {
  recipient?: string[];
  evenIfOlder?: boolean;
  newPassphrase?: boolean;
  newPassphraseFile?: string;
}

/** `carryover account refresh FILE`: brings a file in step with the network. */
export function refreshCommand(run: Run): Command {
  return withSecretOptions(
    withNetworkOptions(
      commandOf(
        "refresh",
        "fetch what is new into a file, and make it good for another month",
      ),
      "networkAlone",
    ),
  )
    .argument("<file>", "the Backup Account File; a newer one replaces it")
    .option(
      "-r, --recipient <age1...>",
      "age recipients of the newer file, where it is for several",
    )
    .addOption(
      new Option(
        "--new-passphrase",
        "ask for another passphrase for the newer file (or CARRYOVER_NEW_PASSPHRASE)",
      ).conflicts("recipient"),
    )
    .addOption(
      new Option(
        "--new-passphrase-file <path>",
        "private file with another passphrase for the newer file",
      ).conflicts(["recipient", "newPassphrase"]),
    )
    .option(
      "--even-if-older",
      "also a copy that is known to be an older one: what it misses is lost",
    )
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<RefreshOptions>();
      await run(options, (context) => refresh(context, path, options));
    });
}

async function refresh(
  context: CommandContext,
  path: string,
  options: RefreshOptions,
) {
  const { home, output } = context;
  const opened = await openFile(context, path, options);
  const changed = await changedPassphrase(context, opened, options);
  const protection =
    changed ?? (await protectionOfCopy(opened, options.recipient));
  const work = await workOptions(context, environmentOf(opened), options);
  const report = await withProgress(context, (bar) =>
    refreshBackupAccountFile({
      ...work,
      file: opened.file,
      secret: opened.secret,
      olderCopy: options.evenIfOlder === true ? "refreshAnyway" : "refuse",
      ...(opened.known === undefined ? {} : { known: opened.known }),
      ...(protection === undefined ? {} : { protection }),
      ...bar,
    }),
  );
  const { summary } = report;
  await updateNotes(home, summary.installationId, (note) => ({
    ...note,
    path: opened.path,
    summary,
  }));
  const daysLeft = refreshBackupAccountFileBy(summary, Date.now());
  output.json({
    ok: true,
    command: "account refresh",
    file: opened.path,
    sizeBytes: report.sizeBytes,
    before: factsJson(report.before),
    summary: summaryJson(summary),
    daysLeft: daysLeftJson(daysLeft),
    keyPackage: report.keyPackage,
    passphrase: changed === undefined ? "kept" : "changed",
    conversationCount: report.conversationCount,
    messageCount: report.messageCount,
  });
  output.say(
    ...refreshLines(opened.path, report, output),
    refreshByLine(daysLeft, output),
    "  Every other copy of it is an older one now: replace them by this one.",
    ...(changed === undefined
      ? []
      : [
          "  This copy opens with the new passphrase. Older copies still open with the old one, and can be read: delete them.",
        ]),
  );
  return exitCodes.done;
}

/** The passphrase of the newer file, where it is to be another one. */
async function changedPassphrase(
  context: CommandContext,
  { contents: { header } }: OpenedFile,
  { newPassphrase: isAsked, newPassphraseFile: path }: RefreshOptions,
): Promise<ProtectionChoice | undefined> {
  if (path === undefined && isAsked !== true) return undefined;
  const passphrase = await newPassphrase(context, {
    path,
    variable: "CARRYOVER_NEW_PASSPHRASE",
    publicIds: [header.inboxId, header.account.identifier],
  });
  return { kind: "passphrase", passphrase };
}

function refreshLines(
  path: string,
  report: RefreshReport,
  output: Output,
): string[] {
  return [
    "",
    `${output.style.green("✓")} ${path}: ${formatBytes(report.sizeBytes)}`,
    fact(
      "holds",
      `${counted(report.messageCount, "message")} in ${counted(report.conversationCount, "conversation")}`,
    ),
    fact(
      "keys",
      report.keyPackage === "renewed"
        ? "renewed: new conversations reach it for another 84 days"
        : "still good: they are renewed when that is due",
    ),
    ...report.before.missing.flatMap((each) =>
      warning(output, missingWords(each)),
    ),
  ];
}
