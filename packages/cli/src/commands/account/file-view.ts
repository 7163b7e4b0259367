import type {
  AccountFileFacts,
  AccountFileSummary,
  InspectedBackupAccountFile,
  MissingHistory,
} from "@carryover/xmtp-node";
import { refreshBackupAccountFileBy } from "@carryover/xmtp-node";
import type { Json, Output } from "../../output.js";
import {
  counted,
  formatDay,
  formatTime,
  shortId,
} from "../../terminal/format.js";
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

/** Milliseconds of nanoseconds since 1970. */
export const msOf = (ns: bigint): number => Number(ns / 1_000_000n);

/** `14 Dec 2026: 23 days left` */
export function daysLeftWords({ refreshByNs, daysLeft, state }: DaysLeft) {
  if (state === "refreshNow")
    return `now: it was due by ${formatDay(msOf(refreshByNs))}`;
  return daysLeft === 0
    ? `${formatTime(refreshByNs)}: less than a day left`
    : `${formatDay(msOf(refreshByNs))}: ${counted(daysLeft, "day")} left`;
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
  const { inboxId, installationId, environment, sequence } = summary;
  return [
    fact(
      "account",
      `${shortId(inboxId)}…${owner === undefined ? "" : ` (${owner})`} on ${environment}, installation ${shortId(installationId)}…`,
    ),
    fact(
      "made",
      `${formatDay(summary.createdAtMs)}; ${
        sequence === 1
          ? "never refreshed"
          : `refreshed ${formatDay(summary.refreshedAtMs)} (copy ${sequence})`
      }`,
    ),
    fact(
      "history",
      summary.seededAtMs === undefined
        ? "only what came after it was made"
        : "also what was there before it was made",
    ),
    refreshByLine(refreshBackupAccountFileBy(summary, Date.now()), output),
  ];
}

/** What a file is worth now, and everything that it cannot do any more. */
export function factsLines(
  { daysLeft, copy, missing }: AccountFileFacts,
  output: Output,
): string[] {
  return [
    ...(copy === "olderCopy"
      ? warning(
          output,
          "Another copy of this file was refreshed since. Use that one: this one misses what came after.",
        )
      : []),
    ...missing.flatMap((each) => warning(output, missingWords(each))),
    ...(daysLeft.state === "good"
      ? []
      : warning(
          output,
          `Refresh it${daysLeft.state === "refreshNow" ? " now" : ` by ${daysLeftWords(daysLeft)}`}, so that it misses no${missing.length === 0 ? "thing" : " more"}: ${hint("account refresh")}`,
        )),
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

/** Plain words for how a file is protected. */
export function protectionWords(
  protection: InspectedBackupAccountFile["protection"],
): string {
  switch (protection.kind) {
    case "passphrase":
      return "a passphrase";
    case "walletSignature":
      return "a signature of a wallet";
    case "passkey":
      return "a passkey";
    case "recipients":
      return protection.stanzaTypes.length === 1
        ? "an age identity"
        : `one of ${protection.stanzaTypes.length} age identities`;
  }
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
