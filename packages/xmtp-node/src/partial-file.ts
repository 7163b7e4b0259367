import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./running-process.js";

/**
 * Where a file is written before it is moved to its place, whole: beside it, hidden, under a name that says which process
 * writes.
 *
 * @param place - path of the file to be
 */
export const partialPathOf = (place: string): string =>
  join(
    dirname(place),
    `.${basename(place)}.${process.pid}-${randomUUID()}.partial`,
  );

/**
 * Deletes what killed processes left of earlier tries to write the same file. What a running process writes, and what has
 * any other name, stays.
 *
 * @param place - path of the file to be; its directory must exist
 */
export async function removeLeftovers(place: string): Promise<void> {
  const pattern = partialName(basename(place));
  const directory = dirname(place);
  for (const name of await readdir(directory)) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined || (await isRunning({ pid: Number(pid) }))) continue;
    await rm(join(directory, name), { force: true });
  }
}

const partialName = (base: string) =>
  new RegExp(
    `^\\.${escapeText(base)}\\.([0-9]{1,10})-[0-9a-f-]{36}\\.partial$`,
  );

const escapeText = (text: string) =>
  text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
