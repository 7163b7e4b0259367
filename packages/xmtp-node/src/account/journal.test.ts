import { readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@carryover/testkit";
import { describeJournalContract } from "@carryover/testkit/contracts";
import { expect, it } from "vitest";
import { openJournal } from "./journal.js";

describeJournalContract("node", async () => {
  const temporary = await temporaryDirectory();
  return {
    open: () => openJournal(join(temporary.path, "notes")),
    close: () => temporary.remove(),
  };
});

it("keeps each note for its owner alone, and nothing beside it", async () => {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, "notes");
  const before = process.umask(0);
  try {
    await (await openJournal(directory)).write("a", "text");
  } finally {
    process.umask(before);
  }
  expect(await readdir(directory)).toEqual(["a"]);
  expect((await stat(join(directory, "a"))).mode & 0o777).toBe(0o600);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  await temporary.remove();
});

it("takes what a killed process was writing for no note, and removes it with the note", async () => {
  const temporary = await temporaryDirectory();
  const journal = await openJournal(temporary.path);
  await journal.write("a", "whole");
  await writeFile(join(temporary.path, "a.next"), "ha");
  expect(await journal.names()).toEqual(["a"]);
  expect(await journal.read("a")).toBe("whole");
  await journal.delete("a");
  expect(await readdir(temporary.path)).toEqual([]);
  await temporary.remove();
});

it("follows no link in the place of a note", async () => {
  const temporary = await temporaryDirectory();
  const elsewhere = join(temporary.path, "elsewhere");
  await writeFile(elsewhere, "another's");
  const directory = join(temporary.path, "notes");
  const journal = await openJournal(directory);
  for (const name of ["a", "a.next"])
    await symlink(elsewhere, join(directory, name));
  await expect(journal.read("a")).rejects.toMatchObject({ code: "diskError" });
  await expect(journal.write("a", "mine")).rejects.toMatchObject({
    code: "diskError",
  });
  await temporary.remove();
});
