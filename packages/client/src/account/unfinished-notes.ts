import type { Scratch } from "../ports/scratch.js";
import type { UnfinishedAccountFile } from "./api.js";
import { appendToNote, readNote } from "./journal-lines.js";

// Where no installation of the account is open there are no records to keep: that a file was begun is noted beside the notes
// of refreshes. Ids and a time, one line each; nothing secret.

/** A file that was begun with the wallet alone. */
export interface UnfinishedNote {
  environment: string;
  inboxId: string;
  installationId: string;
  /** Nanoseconds since 1970. */
  startedAtNs: bigint;
  file: UnfinishedAccountFile["file"];
}

const name = "unfinished-files";

/** Without a journal nothing is noted. */
export async function noteUnfinished(
  journal: Scratch | undefined,
  note: UnfinishedNote,
): Promise<void> {
  await append(journal, [note]);
}

/** Notes of one that its file was made, where it is lost unless somebody saves it. */
export async function noteMade(
  journal: Scratch | undefined,
  installationId: string,
): Promise<void> {
  const notes = await readUnfinishedNotes(journal);
  // A line more, and none that is replaced: whenever the process dies, it is noted.
  await append(
    journal,
    notes
      .filter((note) => note.installationId === installationId)
      .map((note) => ({ ...note, file: "perhapsSaved" })),
  );
}

/**
 * Strikes the note off of a file that was made, and that a person now has. One that was never made stays noted.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function confirmSavedOfWallet(
  journal: Scratch,
  installationId: string,
): Promise<void> {
  const notes = await readUnfinishedNotes(journal);
  await forgetUnfinished(
    journal,
    new Set(
      notes.flatMap((note) =>
        note.installationId === installationId && note.file === "perhapsSaved"
          ? [installationId]
          : [],
      ),
    ),
  );
}

/** Whether there are any, without a look at them. */
export async function hasUnfinishedNotes(journal: Scratch): Promise<boolean> {
  return (await journal.size(name)) !== undefined;
}

/** Removes every other note of the journal. */
export async function keepUnfinishedNotesAlone(
  journal: Scratch,
): Promise<void> {
  await journal.sweep([name]);
}

/** Every note that is whole: a crash may have cut the last one. Of one installation the last counts. */
export async function readUnfinishedNotes(
  journal: Scratch | undefined,
): Promise<UnfinishedNote[]> {
  if (journal === undefined) return [];
  const text = await readNote(journal, name);
  const notes = new Map<string, UnfinishedNote>();
  for (const line of text.split("\n")) {
    const note = parse(line);
    if (note !== undefined) notes.set(note.installationId, note);
  }
  return [...notes.values()];
}

function parse(line: string): UnfinishedNote | undefined {
  const [, environment, inboxId, installationId, startedAtNs, made] =
    /^([a-z-]{1,40}) ([0-9a-f]{64}) ([0-9a-f]{64}) (\d{1,20})( made)?$/.exec(
      line,
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

/** Strikes notes off. */
export async function forgetUnfinished(
  journal: Scratch | undefined,
  installationIds: ReadonlySet<string>,
): Promise<void> {
  const notes = await readUnfinishedNotes(journal);
  const left = notes.filter(
    ({ installationId }) => !installationIds.has(installationId),
  );
  if (left.length === notes.length) return;
  await journal?.delete(name);
  await append(journal, left);
}

async function append(
  journal: Scratch | undefined,
  notes: readonly UnfinishedNote[],
): Promise<void> {
  if (journal === undefined || notes.length === 0) return;
  const lines = notes.map(
    ({ environment, inboxId, installationId, startedAtNs, file }) =>
      `${environment} ${inboxId} ${installationId} ${startedAtNs}${file === "perhapsSaved" ? " made" : ""}\n`,
  );
  await appendToNote(journal, name, lines);
}
