import type {
  AccountFileFacts,
  AccountFileSummary,
  MissingHistory,
} from "@carryover/xmtp-browser";
import type { LeftOut } from "@carryover/backup-file";
import { refreshBackupAccountFileBy } from "@carryover/xmtp-browser";
import {
  counted,
  formatDay,
  formatTime,
  msOf,
  printable,
  shortId,
} from "./format.js";

type DaysLeft = AccountFileFacts["daysLeft"];

/** `14 Dec 2026: 23 days left` */
export function daysLeftWords({ refreshByNs, daysLeft, state }: DaysLeft) {
  if (state === "refreshNow")
    return `now: it was due by ${formatDay(msOf(refreshByNs))}`;
  return daysLeft === 0
    ? `${formatTime(refreshByNs)}: less than a day left`
    : `${formatDay(msOf(refreshByNs))}: ${counted(daysLeft, "day")} left`;
}

/** What a file is and how long it is good. */
export function summaryFacts(
  summary: AccountFileSummary,
  nowMs: number,
): [string, string][] {
  const { inboxId, installationId, environment, sequence } = summary;
  return [
    [
      "Account",
      `${shortId(inboxId)} on ${printable(environment)}, installation ${shortId(installationId)}`,
    ],
    [
      "Made",
      `${formatDay(summary.createdAtMs)}; ${
        sequence === 1
          ? "never refreshed"
          : `refreshed ${formatDay(summary.refreshedAtMs)} (copy ${sequence})`
      }`,
    ],
    [
      "History",
      summary.seededAtMs === undefined
        ? "only what came after it was made"
        : "also what was there before it was made",
    ],
    ["Refresh by", daysLeftWords(refreshBackupAccountFileBy(summary, nowMs))],
  ];
}

/** What a file is worth now: everything that it cannot do any more. */
export function fileWarnings({
  daysLeft,
  copy,
  missing,
}: AccountFileFacts): string[] {
  return [
    ...(copy === "olderCopy"
      ? [
          "Another copy of this file was refreshed since. Use that one: this one misses what came after.",
        ]
      : []),
    ...missing.map(missingWords),
    ...(daysLeft.state === "good"
      ? []
      : [
          `Refresh it${daysLeft.state === "refreshNow" ? " now" : ` by ${daysLeftWords(daysLeft)}`}, so that it misses no${missing.length === 0 ? "thing" : " more"}: carryover account refresh`,
        ]),
  ];
}

/** What cannot be brought back, and why. */
export function missingWords(missing: MissingHistory): string {
  const since = formatDay(msOf(missing.fromNs));
  if (missing.kind === "messages")
    return `Messages sent from ${since} to ${formatDay(msOf(missing.untilNs))} may be missing: the XMTP network keeps messages for 30 days, and the file was not refreshed in that time. Another device of yours can still have them.`;
  switch (missing.reason) {
    case "keyPackageExpired":
      return `Conversations that began after ${since} are missing: from then on nobody could add the file's installation to a new one.`;
    case "keyPackageMissing":
      return `Conversations that began after ${since} may be missing: the network has nothing to add the file's installation with.`;
    case "refreshedElsewhere":
      return `Conversations that began after ${since} are missing: they were begun with a newer copy of this file.`;
  }
}

const reasons: Readonly<Record<string, string>> = {
  disappearing: "disappearing messages, whose end a backup cannot carry",
  outOfScope: "outside of what was asked for",
  unknownKind: "of a kind that this version does not know",
  messageWithoutConversation: "without their conversation",
  withoutConversation: "without their conversation",
};

/** What was not part of the backup, and why. */
export function leftOutWords(leftOut: readonly LeftOut[]): string[] {
  return leftOut
    .filter(({ reason }) => reason !== "backupChannel")
    .map(({ reason, conversationCount, messageCount, otherCount }) => {
      const what = [
        [messageCount, "message"] as const,
        [conversationCount, "conversation"] as const,
        [otherCount, "other record"] as const,
      ]
        .filter(([count]) => count > 0)
        .map(([count, one]) => counted(count, one))
        .join(", ");
      return `Left out: ${what} (${reasons[reason] ?? printable(reason)}).`;
    });
}
