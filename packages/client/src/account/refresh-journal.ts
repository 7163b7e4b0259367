import type { AccountFileHeader } from "@carryover/account-file";
import type { KeyPackageFacts } from "../ports/dormant-installations.js";
import type { AccountFlow } from "./account-flow.js";

// A renewed key package is on the network before the file that has its key is in its place. When the process dies in
// between, the file looks like an older copy of one that was refreshed elsewhere. What is done here is noted, so that the
// next refresh knows its own work. A note holds nothing secret.

interface Note {
  /** When the library was let at the key package, nanoseconds since 1970. */
  startedAtNs: bigint;
  /** What it has made, once that was seen. */
  expiresAtNs?: bigint;
}

const minuteNs = 60_000_000_000n;

/** The library renews within seconds, and dates a key package back by an hour. */
const window = { beforeNs: 70n * minuteNs, afterNs: 10n * minuteNs } as const;

const nameOf = ({ installationId, sequence }: AccountFileHeader) =>
  `refresh-${installationId}-${sequence}`;

/** Notes, before it begins, that the key package of a copy may be renewed here. */
export async function noteRefresh(
  { clock, journal }: AccountFlow,
  header: AccountFileHeader,
): Promise<void> {
  await write(journal, header, { startedAtNs: clock.nowNs() });
}

/** Notes which key package it is. */
export async function noteRenewal(
  { clock, journal }: AccountFlow,
  header: AccountFileHeader,
  { expiresAtNs }: KeyPackageFacts,
): Promise<void> {
  await write(journal, header, { startedAtNs: clock.nowNs(), expiresAtNs });
}

/** Forgets it, once the newer file is in its place. */
export async function forgetRefresh(
  { journal }: AccountFlow,
  header: AccountFileHeader,
): Promise<void> {
  await journal?.delete(nameOf(header));
}

/** Whether the key package on the network is the one that an interrupted refresh of this very copy has put there. */
export async function isOwnRenewal(
  { journal }: AccountFlow,
  header: AccountFileHeader,
  keyPackage: KeyPackageFacts | undefined,
): Promise<boolean> {
  const note = await read(journal, header);
  if (note === undefined || keyPackage === undefined) return false;
  const { startedAtNs, expiresAtNs } = note;
  if (expiresAtNs !== undefined) return expiresAtNs === keyPackage.expiresAtNs;
  const { createdAtNs } = keyPackage;
  return (
    createdAtNs >= startedAtNs - window.beforeNs &&
    createdAtNs <= startedAtNs + window.afterNs
  );
}

async function write(
  journal: AccountFlow["journal"],
  header: AccountFileHeader,
  { startedAtNs, expiresAtNs }: Note,
): Promise<void> {
  await journal?.write(
    nameOf(header),
    `${startedAtNs} ${expiresAtNs ?? "-"}\n`,
  );
}

async function read(
  journal: AccountFlow["journal"],
  header: AccountFileHeader,
): Promise<Note | undefined> {
  const text = await journal?.read(nameOf(header));
  const [, started, expires] =
    /^(\d{1,20}) (\d{1,20}|-)\n$/.exec(text ?? "") ?? [];
  if (started === undefined || expires === undefined) return undefined;
  return {
    startedAtNs: BigInt(started),
    ...(expires !== "-" && { expiresAtNs: BigInt(expires) }),
  };
}
