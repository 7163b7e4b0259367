import type { PublicProtection } from "@carryover/account-file";
import type { AccountFileFacts, MissingHistory } from "../account/api.js";
import type { AccountFileSummary } from "../account/file-summary.js";
import { counted, formatDay, formatDayAndTime, msOf } from "./format.js";

/** `14 Dec 2026: 23 days left` */
export function daysLeftWords({
  refreshByNs,
  daysLeft,
  state,
}: AccountFileFacts["daysLeft"]): string {
  if (state === "refreshNow")
    return `now: it was due by ${formatDay(msOf(refreshByNs))}`;
  return daysLeft === 0
    ? `${formatDayAndTime(refreshByNs)}: less than a day left`
    : `${formatDay(msOf(refreshByNs))}: ${counted(daysLeft, "day")} left`;
}

/** `23 Nov 2026; refreshed 1 Dec 2026 (copy 2)` */
export function madeWords({
  createdAtMs,
  refreshedAtMs,
  sequence,
}: AccountFileSummary): string {
  return `${formatDay(createdAtMs)}; ${
    sequence === 1
      ? "never refreshed"
      : `refreshed ${formatDay(refreshedAtMs)} (copy ${sequence})`
  }`;
}

/** How far back a file goes. */
export function historyWords({ seededAtMs }: AccountFileSummary): string {
  return seededAtMs === undefined
    ? "only what came after it was made"
    : "also what was there before it was made";
}

/**
 * What a file is worth now: everything that it cannot do any more, a warning each.
 *
 * @param refreshWith - how a person refreshes it
 */
export function fileWarnings(
  { daysLeft, copy, missing }: AccountFileFacts,
  refreshWith: string,
): string[] {
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
          `Refresh it${daysLeft.state === "refreshNow" ? " now" : ` by ${daysLeftWords(daysLeft)}`}, so that it misses no${missing.length === 0 ? "thing" : " more"}: ${refreshWith}`,
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

/** What opens a file. */
export function protectionWords(protection: PublicProtection): string {
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
