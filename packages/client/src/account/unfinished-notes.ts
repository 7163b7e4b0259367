import type { Journal } from "../ports/journal.js";
import type { UnfinishedAccountFile } from "./api.js";

// Where no installation of the account is open there are no records to keep: that a file was begun is noted beside the notes
// of refreshes, one note for each, so that two that are begun at once do not touch each other's. Ids and a time; nothing secret.

/** A file that was begun with the wallet alone. */
export interface UnfinishedNote {
  environment: string;
  inboxId: string;
  installationId: string;
  /** Nanoseconds since 1970. */
  startedAtNs: bigint;
  file: UnfinishedAccountFile["file"];
}

const prefix = "unfinished-";

const nameOf = (installationId: string) => `${prefix}${installationId}`;

/** Without a journal nothing is noted. */
export async function noteUnfinished(
  journal: Journal | undefined,
  note: UnfinishedNote,
): Promise<void> {
  const { environment, inboxId, installationId, startedAtNs, file } = note;
  await journal?.write(
    nameOf(installationId),
    `${environment} ${inboxId} ${installationId} ${startedAtNs}${file === "perhapsSaved" ? " made" : ""}\n`,
  );
}

/** Notes of one that its file was made, where it is lost unless somebody saves it. */
export async function noteMade(
  journal: Journal | undefined,
  installationId: string,
): Promise<void> {
  const note = parse((await journal?.read(nameOf(installationId))) ?? "");
  if (note !== undefined)
    await noteUnfinished(journal, { ...note, file: "perhapsSaved" });
}

/**
 * Strikes the note off of a file that was made, and that a person now has. One that was never made stays noted.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function confirmSavedOfWallet(
  journal: Journal,
  installationId: string,
): Promise<void> {
  for (const note of await readUnfinishedNotes(journal))
    if (note.installationId === installationId && note.file === "perhapsSaved")
      await forgetUnfinished(journal, installationId);
}

/** Whether there are any, without a look at them. */
export async function hasUnfinishedNotes(journal: Journal): Promise<boolean> {
  return (await namesOf(journal)).length > 0;
}

/** Removes every other note of the journal. */
export async function keepUnfinishedNotesAlone(
  journal: Journal,
): Promise<void> {
  const kept = new Set(await namesOf(journal));
  for (const name of await journal.names())
    if (!kept.has(name)) await journal.delete(name);
}

/** Every note, the oldest first. */
export async function readUnfinishedNotes(
  journal: Journal | undefined,
): Promise<UnfinishedNote[]> {
  if (journal === undefined) return [];
  const notes: UnfinishedNote[] = [];
  for (const name of await namesOf(journal)) {
    const note = parse((await journal.read(name)) ?? "");
    if (note !== undefined) notes.push(note);
  }
  return notes.sort((a, b) => (a.startedAtNs < b.startedAtNs ? -1 : 1));
}

/** Strikes a note off. */
export async function forgetUnfinished(
  journal: Journal | undefined,
  installationId: string,
): Promise<void> {
  await journal?.delete(nameOf(installationId));
}

const namesOf = async (journal: Journal) =>
  (await journal.names()).filter((name) => name.startsWith(prefix));

function parse(text: string): UnfinishedNote | undefined {
  const [, environment, inboxId, installationId, startedAtNs, made] =
    /^([a-z-]{1,40}) ([0-9a-f]{64}) ([0-9a-f]{64}) (\d{1,20})( made)?\n$/.exec(
      text,
    ) ?? [];
  return environment === undefined ||
    inboxId === undefined ||
    installationId === undefined ||
    startedAtNs === undefined
    ? undefined
    : {
        environment,
        inboxId,
        installationId,
        startedAtNs: BigInt(startedAtNs),
        file: made === undefined ? "notMade" : "perhapsSaved",
      };
}
