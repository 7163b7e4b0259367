import {
  verifyBackupAccountFile,
  type VerifyReport,
} from "@carryover/xmtp-node";
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { exitCodes } from "../../exit-code.js";
import type { Output } from "../../output.js";
import { counted, formatBytes } from "../../terminal/format.js";
import { commandOf, type CommonOptions, type Run } from "../command-line.js";
import { leftOutLines } from "../request-view.js";
import { factsJson, factsLines, summaryLines } from "./file-view.js";
import { environmentOf, openFile } from "./open-file.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";
import { withProgress } from "./with-progress.js";
import {
  type NetworkOptions,
  withNetworkOptions,
  workOptions,
} from "./work-options.js";

/** `carryover account verify FILE`: the restore drill. */
export function verifyCommand(run: Run): Command {
  return withSecretOptions(
    withNetworkOptions(
      commandOf(
        "verify",
        "try a restore in a throw-away place, and say what would come back",
      ),
      "networkAlone",
    ),
  )
    .argument("<file>", "the Backup Account File")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<
        SecretOptions & NetworkOptions & CommonOptions
      >();
      await run(options, (context) => verify(context, path, options));
    });
}

async function verify(
  context: CommandContext,
  path: string,
  options: SecretOptions & NetworkOptions,
) {
  const { output } = context;
  const opened = await openFile(context, path, options);
  const work = await workOptions(context, environmentOf(opened), options);
  const report = await withProgress(context, (bar) =>
    verifyBackupAccountFile({
      ...work,
      file: opened.file,
      secret: opened.secret,
      ...(opened.known === undefined ? {} : { known: opened.known }),
      ...bar,
    }),
  );
  output.json({
    ok: true,
    command: "account verify",
    file: opened.path,
    sizeBytes: report.sizeBytes,
    facts: factsJson(report.file),
    totals: { ...report.totals },
    conversations: report.conversations.map((each) => ({ ...each })),
    leftOut: report.leftOut.map((each) => ({ ...each })),
  });
  output.say(...verifyLines(report, output));
  return exitCodes.done;
}

function verifyLines(report: VerifyReport, output: Output): string[] {
  const { totals, file } = report;
  return [
    "",
    `${output.style.green("✓")} A restore today brings back ${counted(totals.messages, "message")} in ${counted(totals.conversations, "conversation")}.`,
    ...leftOutLines(report.leftOut),
    ...summaryLines(file.summary, output),
    ...factsLines(file, output),
    `  It was done for practice: nothing of it is left here, and nothing was changed,`,
    `  neither the file (${formatBytes(report.sizeBytes)}) nor anything on the network.`,
  ];
}
