import type {
  ImportReport,
  InboundRequest,
  LeftOut,
  OutboundRequest,
} from "@carryover/client";
import { leftOutSentences } from "@carryover/client/words";
import type { Output } from "../output.js";
import {
  counted,
  formatAge,
  formatCount,
  formatUntil,
  nowNs,
  shortId,
} from "../terminal/format.js";
import { fit, printable } from "../terminal/text.js";

const labelColumns = 13;

const field = (label: string, value: string) =>
  `${fit(label, labelColumns)}${value}`;

/** What the screen of the asking installation says. */
export function askingScreen(
  requests: readonly OutboundRequest[],
  output: Output,
): string[] {
  const [first] = requests;
  if (first === undefined) return [];
  const others = counted(requests.length, "other installation");
  return [
    `You asked ${others} for your history.`,
    "",
    `PIN  ${output.style.bold(first.verificationPin)}`,
    "",
    "Open the app on the other device, look for the same PIN there and say yes.",
  ];
}

/** What the screen of the asked installation says: everything that a person needs to decide. */
export function askedScreen(request: InboundRequest, output: Output): string[] {
  const { style } = output;
  const now = nowNs();
  const pin =
    request.pinState === "conflict"
      ? style.red("two requests have the same PIN")
      : request.verificationPin === undefined
        ? `you type what the other device shows; ${counted(request.wrongPinTriesLeft, "try", "tries")} left`
        : style.bold(request.verificationPin);
  return [
    field("PIN", pin),
    field(
      "app",
      `${printable(request.appName)} ${style.dim("(its own words)")}`,
    ),
    field(
      "installation",
      `${shortId(request.installationId)}…, made ${
        request.installationCreatedAtNs === undefined
          ? "at an unknown time"
          : formatAge(request.installationCreatedAtNs, now)
      }`,
    ),
    field("asked", formatAge(request.createdAtNs, now)),
    field("wants", wanted(request)),
    field("through", printable(request.storageOrigin)),
    field("expires", formatUntil(request.expiresAtNs, now)),
    field("request", request.requestId),
  ];
}

function wanted({ estimate, scope }: InboundRequest): string {
  if (!scope.elements.includes("messages")) return "consent records alone";
  const range =
    scope.startNs === undefined && scope.endNs === undefined
      ? ""
      : ", of a part of the time";
  return `${counted(estimate.messageCount, "message")} in ${counted(estimate.conversationCount, "conversation")}${range}`;
}

/** One line on where an own request stands. */
export function standing(request: OutboundRequest): string {
  switch (request.status) {
    case "Pending":
      switch (request.step) {
        case "responseReceived":
          return "answered: apply it";
        case "downloading":
        case "importing":
          return "answered and begun: apply it to go on";
        case "sending":
          return "not sent yet";
        default:
          return "waiting for a yes on the other device";
      }
    case "Applied":
      return `applied: ${counted(request.report?.totals.imported ?? 0, "message")} imported`;
    case "Declined":
      return "declined on the other device";
    case "Expired":
      return "expired without an answer";
    case "Failed":
      return request.failure === undefined ||
        request.failure.code === "cancelled"
        ? "taken back here"
        : `failed: ${request.failure.advice}`;
  }
}

/**
 * What came in, in a few lines.
 *
 * @param backups - installations that are known to live in Backup Account Files
 */
export function importLines(
  report: ImportReport,
  output: Output,
  backups: ReadonlySet<string>,
): string[] {
  const { totals } = report;
  const live = report.conversations.filter(
    ({ liveness }) => liveness === "live",
  ).length;
  const notLive = report.conversations.length - live;
  return [
    `${output.style.green("✓")} ${counted(totals.imported, "message")} in ${counted(totals.conversations, "conversation")} imported, ${formatCount(totals.alreadyThere)} were already there.`,
    ...(report.suppliedBy === undefined
      ? []
      : [
          backups.has(report.suppliedBy)
            ? `  Supplied by your Backup Account File (installation ${shortId(report.suppliedBy)}…).`
            : `  Supplied by your installation ${shortId(report.suppliedBy)}….`,
        ]),
    ...leftOutLines(report.leftOut),
    ...(notLive === 0
      ? [`  You can write in all of them.`]
      : [
          `  You can write in ${formatCount(live)} of them; ${counted(notLive, "conversation")} can be read, and`,
          `  ${notLive === 1 ? "comes" : "come"} back to life when a member writes.`,
        ]),
  ];
}

/** What was not part of the backup, and why. */
export const leftOutLines = (leftOut: readonly LeftOut[]): string[] =>
  leftOutSentences(leftOut, printable).map((sentence) => `  ${sentence}`);
