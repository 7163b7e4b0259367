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
  carryover: Pick<Carryover, "listBackupInstallations">,
): Promise<ReadonlySet<string>> {
  const told = await carryover.listBackupInstallations();
  // Asked when an import is done: notes that are damaged, perhaps another profile's, must not stand in its report's way.
  const noted = await notedBackups(home).catch(() => []);
  return new Set([...told, ...noted]);
}

/** The same, by what is noted here alone. */
export async function notedBackups(home: Home): Promise<ReadonlySet<string>> {
  const notes = await listNotes(home);
  return new Set(notes.map(({ summary }) => summary.installationId));
}
