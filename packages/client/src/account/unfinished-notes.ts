import type { Scratch } from "../ports/scratch.js";

// Where no installation of the account is open there are no records to keep: that a file was begun is noted beside the notes
// of refreshes. Ids and a time, one line each; nothing secret.

/** A file that was begun with the wallet alone. */
export interface UnfinishedNote {
  environment: string;
  inboxId: string;
  installationId: string;
  /** Nanoseconds since 1970. */
  startedAtNs: bigint;
}

const name = "unfinished-files";

/** Without a journal nothing is noted. */
export async function noteUnfinished(
  journal: Scratch | undefined,
  note: UnfinishedNote,
): Promise<void> {
  await append(journal, [note]);
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

/** Every note that is whole: a crash may have cut the last one. */
export async function readUnfinishedNotes(
  journal: Scratch | undefined,
): Promise<UnfinishedNote[]> {
  if (journal === undefined || !(await hasUnfinishedNotes(journal))) return [];
  const text = await new Response(await journal.read(name)).text();
  return text.split("\n").flatMap((line) => {
    const [, environment, inboxId, installationId, startedAtNs] =
      /^([a-z-]{1,40}) ([0-9a-f]{64}) ([0-9a-f]{64}) (\d{1,20})$/.exec(line) ??
      [];
    return environment === undefined ||
      inboxId === undefined ||
      installationId === undefined ||
      startedAtNs === undefined
      ? []
      : [
          {
            environment,
            inboxId,
            installationId,
            startedAtNs: BigInt(startedAtNs),
          },
        ];
  });
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
  if (left.length > 0) await append(journal, left);
}

async function append(
  journal: Scratch | undefined,
  notes: readonly UnfinishedNote[],
): Promise<void> {
  if (journal === undefined) return;
  const writer = (await journal.append(name)).getWriter();
  const lines = notes.map(
    ({ environment, inboxId, installationId, startedAtNs }) =>
      `${environment} ${inboxId} ${installationId} ${startedAtNs}\n`,
  );
  await writer.write(new TextEncoder().encode(lines.join("")));
  await writer.close();
}
