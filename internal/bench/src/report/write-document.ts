import { readFile, writeFile } from "node:fs/promises";

const start = "<!-- figures: npm run bench -- --write docs/measurements.md -->";
const end = "<!-- end of figures -->";

/**
 * Puts figures into a document, in place of those of an earlier run.
 *
 * @param path - of a document that has the marks
 * @throws Error when it has not
 */
export async function writeDocument(
  path: string,
  figures: string,
): Promise<void> {
  await writeFile(path, replaceFigures(await readFile(path, "utf8"), figures));
}

/** @throws Error when the marks are not there */
export function replaceFigures(document: string, figures: string): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from === -1 || to < from)
    throw new Error("the document has no place for figures");
  return `${document.slice(0, from + start.length)}\n\n${figures}\n${document.slice(to)}`;
}
