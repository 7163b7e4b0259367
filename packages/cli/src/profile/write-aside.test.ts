import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewError } from "../output.js";
import { createIdentityFile } from "./identity-file.js";
import { assertRoomFor, writePrivateFile } from "./private-file.js";
import { assertWritable, writeAside } from "./write-aside.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "carryover-aside-"));
});
afterAll(() => rm(directory, { recursive: true }));

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("it went well");
    },
    (error: unknown) => error,
  );

/** Too long together with what a file is called while it is written. */
const longName = () => join(directory, "long.name-".repeat(25));

test("a file is there whole, for its owner alone, and nothing is beside it", async () => {
  const path = join(directory, "file");
  for (const content of ["first", "second"]) {
    const length = await writeAside(path, async (file) => {
      await file.writeFile(content);
      return content.length;
    });
    expect(length).toBe(content.length);
    expect(await readFile(path, "utf8")).toBe(content);
  }
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["file"]);
});

test("what goes wrong while it is written is told as it is, and what was there stays", async () => {
  const path = join(directory, "file");
  const mine = new Error("mine");
  expect(
    await errorOf(
      writeAside(path, async (file) => {
        await file.writeFile("half");
        throw mine;
      }),
    ),
  ).toBe(mine);
  expect(await readFile(path, "utf8")).toBe("second");
  expect(await readdir(directory)).toEqual(["file"]);
});

test.each<[string, () => Promise<unknown>, () => string]>([
  ["a file", () => writeAside(longName(), async () => undefined), longName],
  ["a file that is only tried", () => assertWritable(longName()), longName],
  [
    "a private file",
    () => writePrivateFile(longName(), "secret", "replace"),
    longName,
  ],
  ["an identity", () => createIdentityFile(longName()), longName],
  [
    "a file in no directory",
    () => writeAside(join(directory, "none", "x"), async () => undefined),
    () => join(directory, "none", "x"),
  ],
  [
    "a file in the place of a directory",
    () => writeAside(directory, async () => undefined),
    () => directory,
  ],
  [
    "room in no directory",
    () => assertRoomFor(join(directory, "none")),
    () => join(directory, "none"),
  ],
])("%s that cannot be is called by its own name", async (_, work, place) => {
  const { code, message } = await viewError(await errorOf(work()));
  expect(code).toBe("diskError");
  expect(message).toContain(place());
  expect(message).not.toContain("partial");
  expect(await readdir(directory)).toEqual(["file"]);
});
