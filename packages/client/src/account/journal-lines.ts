import type { Scratch } from "../ports/scratch.js";

/** What a note of the journal says; empty where there is none. A crash may have cut its last line. */
export async function readNote(
  journal: Scratch,
  name: string,
): Promise<string> {
  return (await journal.size(name)) === undefined
    ? ""
    : await new Response(await journal.read(name)).text();
}

/** @param lines - each with its line break */
export async function appendToNote(
  journal: Scratch,
  name: string,
  lines: readonly string[],
): Promise<void> {
  const writer = (await journal.append(name)).getWriter();
  await writer.write(new TextEncoder().encode(lines.join("")));
  await writer.close();
}

/** Puts lines in the place of what a note said. @param lines - each with its line break */
export async function replaceNote(
  journal: Scratch,
  name: string,
  lines: readonly string[],
): Promise<void> {
  await journal.delete(name);
  await appendToNote(journal, name, lines);
}
