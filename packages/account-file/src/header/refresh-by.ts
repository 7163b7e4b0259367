import type { AccountFileHeader } from "./types.js";

const DAY_NS = 86_400_000_000_000n;
/** With fewer days left than this a person is asked to refresh soon. */
const SOON_DAYS = 7;

/** The dates of a file: its header, or what an app noted of it. */
export type RefreshDates = Pick<
  AccountFileHeader,
  "keyPackageExpiresAtNs" | "messagesKeptUntilNs"
>;

/** One of the two things that time takes from a file. */
export interface Deadline {
  /** Nanoseconds since 1970; `undefined` where there is no end. */
  readonly untilNs: bigint | undefined;
  /** Whole days until then, rounded down; 0 once it has passed; `undefined` where there is no end. */
  readonly daysLeft: number | undefined;
  readonly state: "open" | "passed";
}

/** How much time a file has left. */
export interface DaysLeft {
  /** Refreshed before then, the file has missed nothing; nanoseconds since 1970. */
  readonly refreshByNs: bigint;
  /** Whole days until `refreshByNs`, rounded down; 0 once it has passed. */
  readonly daysLeft: number;
  /** `refreshSoon` in the last seven days; `refreshNow` once something may be lost for good. */
  readonly state: "good" | "refreshSoon" | "refreshNow";
  /** Messages sent since the last refresh. Once passed, the oldest of them may be gone from the network. */
  readonly messages: Deadline;
  /** New conversations. Once passed, those that begin from then on leave the file's installation out. */
  readonly newConversations: Deadline;
}

const deadline = (untilNs: bigint | undefined, nowNs: bigint): Deadline => {
  if (untilNs === undefined)
    return { untilNs, daysLeft: undefined, state: "open" };
  const leftNs = untilNs - nowNs;
  return leftNs <= 0n
    ? { untilNs, daysLeft: 0, state: "passed" }
    : { untilNs, daysLeft: Number(leftNs / DAY_NS), state: "open" };
};

/** Until when a file must be refreshed to miss nothing, in nanoseconds since 1970. */
export const refreshBy = (dates: RefreshDates): bigint => {
  const { keyPackageExpiresAtNs, messagesKeptUntilNs } = dates;
  return messagesKeptUntilNs === undefined ||
    keyPackageExpiresAtNs < messagesKeptUntilNs
    ? keyPackageExpiresAtNs
    : messagesKeptUntilNs;
};

/**
 * How much time a file has left.
 *
 * @param nowNs nanoseconds since 1970
 */
export const daysLeft = (dates: RefreshDates, nowNs: bigint): DaysLeft => {
  const refreshByNs = refreshBy(dates);
  const first = deadline(refreshByNs, nowNs);
  const days = first.daysLeft ?? 0;
  return {
    refreshByNs,
    daysLeft: days,
    state:
      first.state === "passed"
        ? "refreshNow"
        : days < SOON_DAYS
          ? "refreshSoon"
          : "good",
    messages: deadline(dates.messagesKeptUntilNs, nowNs),
    newConversations: deadline(dates.keyPackageExpiresAtNs, nowNs),
  };
};
