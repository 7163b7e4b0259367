import {
  type BackupAccountFileSession,
  type InboundRequest,
  openBackupAccountFileForRequests,
  type ResponseReport,
} from "@carryover/xmtp-node";
import { type Command, Option } from "commander";
import { CliError } from "../../cli-error.js";
import type { CommandContext } from "../../context.js";
import { type ExitCode, exitCodes } from "../../exit-code.js";
import type { Json } from "../../output.js";
import { updateNotes } from "../../profile/account-file-notes.js";
import { counted, formatBytes } from "../../terminal/format.js";
import { commandLine } from "../../terminal/hint.js";
import { commandOf, type CommonOptions, type Run } from "../command-line.js";
import { inboundScreen } from "../inbox.js";
import { inboundJson, responseJson } from "../request-json.js";
import { leftOutLines } from "../request-view.js";
import { givenPin, isWrongPin, typePin } from "../typed-pin.js";
import { factsJson, factsLines, refreshByLine } from "./file-view.js";
import { environmentOf, openFile, protectionOfCopy } from "./open-file.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";
import { withProgress } from "./with-progress.js";
import {
  type NetworkOptions,
  withNetworkOptions,
  workOptions,
} from "./work-options.js";

interface RequestsOptions extends SecretOptions, NetworkOptions, CommonOptions {
  approve?: string[];
  decline?: string[];
  list?: boolean;
  allowStorage?: string[];
  makeLive?: boolean;
  recipient?: string[];
  pinMode?: "show" | "enter";
  pinFile?: string;
}

/** `carryover account requests FILE`: answers requests for the history with a file instead of a device. */
export function requestsCommand(run: Run): Command {
  return withSecretOptions(
    withNetworkOptions(
      commandOf(
        "requests",
        "answer requests for the history with a file, instead of a device",
      ),
      "withStorage",
    ),
  )
    .argument("<file>", "the Backup Account File")
    .option("--list", "show them, and answer none")
    .option("--approve <request...>", "say yes to these, without a question")
    .option("--decline <request...>", "say no to these, without a question")
    .option(
      "--allow-storage <origin...>",
      "origins to upload to, beside the storage service",
    )
    .addOption(
      new Option(
        "--pin-mode <mode>",
        "enter: the PIN is not shown, and a yes needs what the other device shows (default show)",
      ).choices(["show", "enter"]),
    )
    .option(
      "--pin-file <path>",
      "private file with the typed PIN, in enter mode (or CARRYOVER_PIN)",
    )
    .option(
      "--make-live",
      "let the file add the asking device to its conversations; the file is replaced by a newer one",
    )
    .option(
      "-r, --recipient <age1...>",
      "with --make-live: age recipients of the newer file",
    )
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<RequestsOptions>();
      await run(options, (context) => requests(context, path, options));
    });
}

async function requests(
  context: CommandContext,
  path: string,
  options: RequestsOptions,
): Promise<ExitCode> {
  const { output } = context;
  const opened = await openFile(context, path, options);
  const protection =
    options.makeLive === true
      ? await protectionOfCopy(opened, options.recipient)
      : undefined;
  const { places, ...work } = await workOptions(
    context,
    environmentOf(opened),
    options,
  );
  const session = await withProgress(context, (bar) =>
    openBackupAccountFileForRequests({
      ...work,
      policy: {
        pinMode: options.pinMode ?? "show",
        allowedStorageOrigins: [
          new URL(places.storageUrl).origin,
          ...(options.allowStorage ?? []),
        ],
      },
      file: opened.file,
      secret: opened.secret,
      conversations: options.makeLive === true ? "makeLive" : "leaveReadOnly",
      ...(opened.known === undefined ? {} : { known: opened.known }),
      ...(protection === undefined ? {} : { protection }),
      ...bar,
    }),
  );
  let listed: readonly InboundRequest[];
  let answers: Answers;
  let fileState: "unchanged" | "replaced";
  try {
    listed = await session.listInboundBackupRequests();
    answers = await answer(context, session, listed, options);
  } finally {
    ({ fileState } = await session.close());
  }
  if (fileState === "replaced") await noteReplaced(context, opened);
  const { file } = session;
  output.json({
    ok: true,
    command: "account requests",
    file: opened.path,
    fileState,
    facts: factsJson(file),
    requests: listed.map(inboundJson),
    answers: Object.fromEntries(answers),
  });
  output.say(
    ...(listed.length === 0
      ? [
          "Nobody asks this file for the history. On the device that lacks it:",
          `  ${commandLine()} request --account-files`,
        ]
      : []),
    ...factsLines(file, output),
    refreshByLine(file.daysLeft, output),
    fileState === "unchanged"
      ? "  The file was not changed, and nothing of it is left here unpacked."
      : "  The file was replaced by a newer one. Delete every other copy of it.",
  );
  return listed.length === 0 ? exitCodes.pending : exitCodes.done;
}

type Answers = Map<string, { [key: string]: Json }>;

async function noteReplaced(
  context: CommandContext,
  { file, secret, path }: Awaited<ReturnType<typeof openFile>>,
): Promise<void> {
  const { inspectBackupAccountFile } = await import("@carryover/xmtp-node");
  const { contents } = await inspectBackupAccountFile({ file, secret });
  if (contents === undefined) return;
  const { summary } = contents;
  await updateNotes(context.home, summary.installationId, (note) => ({
    ...note,
    path,
    summary,
  }));
}

async function answer(
  context: CommandContext,
  session: BackupAccountFileSession,
  listed: readonly InboundRequest[],
  options: RequestsOptions,
): Promise<Answers> {
  const { output } = context;
  const { approve = [], decline = [], list } = options;
  const answers: Answers = new Map();
  for (const requestId of [...approve, ...decline])
    if (!listed.some((request) => request.requestId === requestId))
      throw new CliError(
        "usage",
        "no request with this id waits for the file",
        "Nothing was sent. See them with --list.",
      );
  const isDecided = approve.length + decline.length > 0;
  for (const request of listed) {
    const { requestId } = request;
    output.say(...inboundScreen(request, output), "");
    const decision = approve.includes(requestId)
      ? "approve"
      : decline.includes(requestId)
        ? "decline"
        : list === true || isDecided || output.format === "json"
          ? "leave"
          : await ask(context, request);
    if (decision === "leave") continue;
    const report =
      decision === "approve" && isTyped(request)
        ? await approveWithTypedPin(context, session, requestId, options)
        : await respond(context, session, requestId, decision);
    answers.set(requestId, responseJson(report));
    output.say(...answerLines(report, context), "");
  }
  return answers;
}

const isTyped = ({ pinState, verificationPin }: InboundRequest) =>
  verificationPin === undefined && pinState === "unique";

const respond = (
  context: CommandContext,
  session: BackupAccountFileSession,
  requestId: string,
  decision: "approve" | "decline",
  pin?: string,
): Promise<ResponseReport> =>
  withProgress(context, (bar) =>
    session.respondToBackupRequest(requestId, decision, {
      ...bar,
      ...(pin === undefined ? {} : { pin }),
    }),
  );

async function approveWithTypedPin(
  context: CommandContext,
  session: BackupAccountFileSession,
  requestId: string,
  options: RequestsOptions,
): Promise<ResponseReport> {
  const { output } = context;
  const given = await givenPin(context, options);
  if (given !== undefined)
    return respond(context, session, requestId, "approve", given);
  for (;;) {
    const pin = await typePin(context);
    try {
      return await respond(context, session, requestId, "approve", pin);
    } catch (error) {
      const left = (await session.listInboundBackupRequests()).find(
        (each) => each.requestId === requestId,
      )?.wrongPinTriesLeft;
      if (!isWrongPin(error) || left === undefined || left === 0) throw error;
      output.say(
        `${output.style.red("✗")} That is not the PIN. ${counted(left, "try", "tries")} left.`,
      );
    }
  }
}

async function ask(
  { output, prompt }: CommandContext,
  request: InboundRequest,
): Promise<"approve" | "decline" | "leave"> {
  if (
    request.pinState === "unique" &&
    (await prompt.yesNo(
      isTyped(request)
        ? "Did you ask, and do you have the other device at hand? [y/N] "
        : "Did you ask, and does the other device show this PIN? [y/N] ",
    )) === "yes"
  )
    return "approve";
  if (
    (await prompt.yesNo(
      "Say no to this request? The other device waits in vain until it expires. [y/N] ",
    )) === "yes"
  )
    return "decline";
  output.say("It stays open.", "");
  return "leave";
}

function answerLines(
  report: ResponseReport,
  { output }: CommandContext,
): string[] {
  const { style } = output;
  return report.outcome === "declined"
    ? [
        `${style.green("✓")} Declined. Nothing was sent. The other device is not told: it waits until its request expires.`,
      ]
    : [
        `${style.green("✓")} Sent ${counted(report.messageCount, "message")} in ${counted(report.conversationCount, "conversation")} (${formatBytes(report.sizeBytes)}, encrypted).`,
        ...leftOutLines(report.leftOut),
        `  On the other device: ${commandLine()} apply`,
      ];
}
