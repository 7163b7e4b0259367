import { constants } from "node:fs";
import { open, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CarryoverError } from "@carryover/client";
import { readFileHandle } from "../file-stream.js";
import { onDisk, unlessMissing } from "../on-disk.js";
import { ownerOnlyFile } from "../private-directory.js";
import type { WorkPlace } from "./work-places.js";

const databaseName = "dormant.db3";

/** Where the library has the database. */
export const databasePathIn = ({ path }: WorkPlace): string =>
  join(path, databaseName);

/** Puts the database of a Backup Account File into an empty place. @throws {CarryoverError} `diskError` */
export async function writeDatabase(
  place: WorkPlace,
  database: ReadableStream<Uint8Array>,
): Promise<void> {
  const file = await onDisk("a temporary database could not be made", () =>
    open(
      databasePathIn(place),
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      ownerOnlyFile,
    ),
  );
  try {
    for await (const chunk of database)
      await onDisk("a temporary database could not be written", async () => {
        for (let at = 0; at < chunk.length;)
          at += (await file.write(chunk, at)).bytesWritten;
      });
  } finally {
    await file.close();
  }
}

/** The library keeps the mode of a file that is there, and gives it to what it writes beside it. */
export async function makeEmptyDatabase(place: WorkPlace): Promise<void> {
  await onDisk("a temporary database could not be made", () =>
    writeFile(databasePathIn(place), "", {
      mode: ownerOnlyFile,
      flag: "wx",
    }),
  );
}

/** @throws {CarryoverError} `diskError` */
export const readDatabase = (
  place: WorkPlace,
): Promise<ReadableStream<Uint8Array>> =>
  onDisk("the database could not be read", async () =>
    readFileHandle(await open(databasePathIn(place), constants.O_RDONLY)),
  );

/**
 * Closing writes everything into one file. What stood beside it would be missing from a Backup Account File. The library
 * answers before the last of its threads has let go, and that one writes the rest out.
 */
export async function assertIsOneFile({ path }: WorkPlace): Promise<void> {
  const giveUpAtMs = performance.now() + writtenOutTimeoutMs;
  while (await hasMoreFiles(path)) {
    if (performance.now() > giveUpAtMs)
      throw new CarryoverError(
        "diskError",
        "the library did not write its database out when it was closed",
      );
    await setTimeout(20);
  }
}

/** Milliseconds. */
const writtenOutTimeoutMs = 10_000;

const hasMoreFiles = (path: string) =>
  onDisk("the database could not be looked at", async () => {
    for (const name of await readdir(path))
      if (
        name.startsWith(`${databaseName}-`) &&
        (await sizeOf(join(path, name))) > 0
      )
        return true;
    return false;
  });

/** Nothing, for one that has just been deleted. */
const sizeOf = async (path: string) =>
  (await unlessMissing(stat(path)))?.size ?? 0;
