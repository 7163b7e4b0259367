import type { Carryover } from "@carryover/client";
import type { Home } from "../profile/home.js";
import { listNotes } from "../profile/account-file-notes.js";

/**
 * Installations of the account that live in Backup Account Files, as far as that is known here: they say so themselves
 * (XIP-31's `ContactRole.BACKUP`), and this home notes the files that it made or used.
 *
 * @returns their ids
 */
export async function backupInstallations(
  home: Home,
  carryover: Carryover,
): Promise<ReadonlySet<string>> {
  return new Set([
    ...(await carryover.listBackupInstallations()),
    ...(await notedBackups(home)),
  ]);
}

/** The same, by what is noted here alone. */
export async function notedBackups(home: Home): Promise<ReadonlySet<string>> {
  const notes = await listNotes(home);
  return new Set(notes.map(({ summary }) => summary.installationId));
}
