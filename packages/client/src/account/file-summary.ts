import {
  type AccountFileHeaderInput,
  compareCopies,
  type CopyRelation,
  daysLeft,
  type DaysLeft,
} from "@carryover/account-file";

/**
 * What an app notes of a file, so that it can show and compare it without the secret. Plain JSON. It says whose file it
 * is: keep it with the app's own data, not beside the file.
 */
export interface AccountFileSummary {
  environment: string;
  inboxId: string;
  installationId: string;
  /** 1 in the first copy, one more after each refresh. */
  sequence: number;
  /** Milliseconds since 1970, as all times here, rounded down. */
  createdAtMs: number;
  refreshedAtMs: number;
  keyPackageExpiresAtMs: number;
  /** Absent on a network that keeps messages for ever. */
  messagesKeptUntilMs?: number;
  /** When the history so far was put into it; absent if it was not. */
  seededAtMs?: number;
}

const msOf = (ns: bigint) => Number(ns / 1_000_000n);
const nsOf = (ms: number) => BigInt(ms) * 1_000_000n;

/** What to note of a file. */
export function summarize(header: AccountFileHeaderInput): AccountFileSummary {
  return {
    environment: header.environment,
    inboxId: header.inboxId,
    installationId: header.installationId,
    sequence: header.sequence,
    createdAtMs: msOf(header.createdAtNs),
    refreshedAtMs: msOf(header.refreshedAtNs),
    keyPackageExpiresAtMs: msOf(header.keyPackageExpiresAtNs),
    ...(header.messagesKeptUntilNs !== undefined && {
      messagesKeptUntilMs: msOf(header.messagesKeptUntilNs),
    }),
    ...(header.seededAtNs !== undefined && {
      seededAtMs: msOf(header.seededAtNs),
    }),
  };
}

/**
 * Until when a file must be refreshed to miss nothing, and how many days that is. From what an app noted: no file, no
 * secret, no network.
 *
 * @param nowMs - milliseconds since 1970
 */
export function refreshBackupAccountFileBy(
  summary: Pick<
    AccountFileSummary,
    "keyPackageExpiresAtMs" | "messagesKeptUntilMs"
  >,
  nowMs: number,
): DaysLeft {
  const { keyPackageExpiresAtMs, messagesKeptUntilMs } = summary;
  return daysLeft(
    {
      keyPackageExpiresAtNs: nsOf(keyPackageExpiresAtMs),
      messagesKeptUntilNs:
        messagesKeptUntilMs === undefined
          ? undefined
          : nsOf(messagesKeptUntilMs),
    },
    nsOf(nowMs),
  );
}

/** How one copy stands to another, by what was noted of them. */
export function compareBackupAccountFiles(
  copy: AccountFileSummary,
  known: AccountFileSummary,
): CopyRelation {
  const identity = ({
    installationId,
    sequence,
    refreshedAtMs,
  }: AccountFileSummary) => ({
    installationId,
    sequence,
    refreshedAtNs: nsOf(refreshedAtMs),
  });
  return compareCopies(identity(copy), identity(known));
}
