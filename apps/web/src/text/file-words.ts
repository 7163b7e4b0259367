import type { LeftOut } from "@carryover/backup-file";
import {
  daysLeftWords,
  historyWords,
  leftOutSentences,
  madeWords,
} from "@carryover/client/words";
import {
  type AccountFileSummary,
  refreshBackupAccountFileBy,
} from "@carryover/xmtp-browser";
import { printable, shortId } from "./format.js";

/** What a file is and how long it is good. */
export function summaryFacts(
  summary: AccountFileSummary,
  nowMs: number,
): [string, string][] {
  const { inboxId, installationId, environment } = summary;
  return [
    [
      "Account",
      `${shortId(inboxId)} on ${printable(environment)}, installation ${shortId(installationId)}`,
    ],
    ["Made", madeWords(summary)],
    ["History", historyWords(summary)],
    ["Refresh by", daysLeftWords(refreshBackupAccountFileBy(summary, nowMs))],
  ];
}

/** What was not part of the backup, and why. */
export const leftOutWords = (leftOut: readonly LeftOut[]): string[] =>
  leftOutSentences(leftOut, printable);
