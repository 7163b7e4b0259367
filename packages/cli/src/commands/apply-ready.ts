import {
  type Carryover,
  CarryoverError,
  type ImportReport,
  type OutboundRequest,
} from "@carryover/client";
import type { CommandContext } from "../context.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import { hint } from "../terminal/hint.js";
import { createProgressBar } from "../terminal/progress-bar.js";
import { backupInstallations } from "./backup-installations.js";
import { importJson, outboundJson } from "./request-json.js";
import { importLines, standing } from "./request-view.js";

const begun: readonly OutboundRequest["step"][] = [
  "responseReceived",
  "downloading",
  "importing",
];

/** Whether an answer is here that can be applied, or an interrupted import that can go on. */
export const canBeApplied = (request: OutboundRequest): boolean =>
  request.status === "Pending" && begun.includes(request.step);

/**
 * The requests of the last time that this installation asked. One call asks every other installation, and shows one PIN;
 * what came of earlier calls says nothing about it.
 */
export function latestCall(
  requests: readonly OutboundRequest[],
): readonly OutboundRequest[] {
  const [newest] = requests;
  return requests.filter(
    ({ createdAtNs, verificationPin }) =>
      createdAtNs === newest?.createdAtNs &&
      verificationPin === newest.verificationPin,
  );
}

function whyNothingCame(
  exitCode: typeof exitCodes.pending | typeof exitCodes.over,
  profile: string,
) {
  return exitCode === exitCodes.pending
    ? {
        code: "pending",
        message: "no answer has come yet",
        advice: `Nothing was imported yet. Say yes on the other device, then: ${hint(`apply --profile ${profile}`)}`,
        retryable: true,
        exitCode,
      }
    : {
        code: "over",
        message: "the request is over, and no history came",
        advice: `Nothing was imported. To ask again: ${hint(`request --profile ${profile}`)}`,
        retryable: false,
        exitCode,
      };
}

/**
 * Applies every answer that is here, one after the other, and says what came in. Without one, says where the requests
 * stand.
 */
export async function applyReady(
  context: CommandContext,
  carryover: Carryover,
  requests: readonly OutboundRequest[],
  {
    command,
    profile,
    finished = [],
  }: {
    command: string;
    profile: string;
    finished?: readonly OutboundRequest[];
  },
): Promise<ExitCode> {
  const { output } = context;
  // What catching up has finished already comes first: the report of an import that was interrupted.
  const reports: { requestId: string; report: ImportReport }[] = [];
  for (const { requestId, report } of finished)
    if (report !== undefined) reports.push({ requestId, report });
  // One answer that cannot be used must not keep another one out.
  const failed: { requestId: string; error: CarryoverError }[] = [];
  for (const { requestId } of requests.filter(canBeApplied))
    try {
      reports.push({
        requestId,
        report: await applyOne(context, carryover, requestId),
      });
    } catch (error) {
      if (context.signal.aborted || !(error instanceof CarryoverError))
        throw error;
      failed.push({ requestId, error });
    }
  const [firstFailed] = failed;
  if (reports.length === 0 && firstFailed !== undefined)
    throw firstFailed.error;
  if (reports.length === 0) {
    const exitCode = requests.some(({ status }) => status === "Pending")
      ? exitCodes.pending
      : exitCodes.over;
    const error = whyNothingCame(exitCode, profile);
    output.json({
      ok: false,
      command,
      applied: [],
      requests: requests.map(outboundJson),
      error,
    });
    for (const request of requests)
      output.say(
        `${request.requestId}: ${standing(request).replace(/\.$/, "")}.`,
      );
    output.say("", error.advice);
    return exitCode;
  }
  const backups = await backupInstallations(context.home, carryover);
  output.json({
    ok: true,
    command,
    applied: reports.map(({ requestId, report }) => ({
      requestId,
      ...importJson(report, backups),
    })),
    ...(failed.length === 0
      ? {}
      : {
          failed: failed.map(({ requestId, error: { code, advice } }) => ({
            requestId,
            code,
            advice,
          })),
        }),
  });
  for (const { report } of reports)
    output.say(...importLines(report, output, backups));
  for (const { requestId, error } of failed)
    output.say(
      `${output.style.yellow("!")} Request ${requestId} could not be applied. ${error.advice}`,
    );
  output.say(`  See them with: ${hint(`chats --profile ${profile}`)}`);
  return exitCodes.done;
}

async function applyOne(
  { output, signal }: CommandContext,
  carryover: Carryover,
  requestId: string,
): Promise<ImportReport> {
  const bar = createProgressBar(output);
  try {
    const report = await carryover.applyRemoteMessageHistoryBackup(requestId, {
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    });
    bar.finish("done");
    return report;
  } catch (error) {
    bar.finish("stopped");
    throw error;
  }
}
