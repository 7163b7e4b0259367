import {
  daysLeftWords,
  fileWarnings,
  historyWords,
  madeWords,
} from "@carryover/client/words";
import {
  type AccountFileFacts,
  type AccountFileSummary,
  refreshBackupAccountFileBy,
} from "@carryover/xmtp-node";
import type { Json, Output } from "../../output.js";
import { shortId } from "../../terminal/format.js";
import { givenHints, hint } from "../../terminal/hint.js";
import { fit, wrapWhole } from "../../terminal/text.js";

type DaysLeft = AccountFileFacts["daysLeft"];

const labelColumns = 13;

/** `  made         23 Nov 2026`: one fact of a file. */
export const fact = (label: string, value: string): string =>
  `  ${fit(label, labelColumns)}${value}`;

/** Lines that need attention: `! …`, wrapped. */
export function warning(output: Output, text: string): string[] {
  return wrapWhole(text, output.width - 4, givenHints()).map((line, index) =>
    index === 0 ? `  ${output.style.yellow("!")} ${line}` : `    ${line}`,
  );
}

/** The line that every listing of a file has. */
export function refreshByLine(daysLeft: DaysLeft, { style }: Output): string {
  const words = daysLeftWords(daysLeft);
  const painted =
    daysLeft.state === "good"
      ? words
      : daysLeft.state === "refreshSoon"
        ? style.yellow(words)
        : style.red(words);
  return fact("refresh by", painted);
}

/** What a file is and how long it is good, in a few lines. */
export function summaryLines(
  summary: AccountFileSummary,
  output: Output,
  owner?: string,
): string[] {
  const { inboxId, installationId, environment } = summary;
  return [
    fact(
      "account",
      `${shortId(inboxId)}…${owner === undefined ? "" : ` (${owner})`} on ${environment}, installation ${shortId(installationId)}…`,
    ),
    fact("made", madeWords(summary)),
    fact("history", historyWords(summary)),
    refreshByLine(refreshBackupAccountFileBy(summary, Date.now()), output),
  ];
}

/** What a file is worth now, and everything that it cannot do any more. */
export function factsLines(facts: AccountFileFacts, output: Output): string[] {
  return fileWarnings(facts, hint("account refresh")).flatMap((each) =>
    warning(output, each),
  );
}

type Document = { [key: string]: Json };

/** What was noted of a file, for programs. */
export function summaryJson(summary: AccountFileSummary): Document {
  return { ...summary };
}

/** How long a file is good, for programs. */
export function daysLeftJson(daysLeft: DaysLeft): Document {
  const deadline = (each: DaysLeft["messages"]): Document => ({
    untilNs: each.untilNs?.toString() ?? null,
    daysLeft: each.daysLeft ?? null,
    state: each.state,
  });
  return {
    refreshByNs: daysLeft.refreshByNs.toString(),
    daysLeft: daysLeft.daysLeft,
    state: daysLeft.state,
    messages: deadline(daysLeft.messages),
    newConversations: deadline(daysLeft.newConversations),
  };
}

/** What a file is worth now, for programs. */
export function factsJson(facts: AccountFileFacts): Document {
  return {
    summary: summaryJson(facts.summary),
    daysLeft: daysLeftJson(facts.daysLeft),
    copy: facts.copy,
    missing: facts.missing.map((each) => ({
      kind: each.kind,
      reason: each.reason,
      fromNs: each.fromNs.toString(),
      ...(each.kind === "messages" ? { untilNs: each.untilNs.toString() } : {}),
    })),
  };
}
