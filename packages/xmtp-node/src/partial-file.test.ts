import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { temporaryDirectory } from "@carryover/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { partialPathOf, removeLeftovers } from "./partial-file.js";

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  temporary = await temporaryDirectory();
});
afterEach(() => temporary.remove());

test("what killed processes left of one file goes, and nothing else", async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  const place = join(temporary.path, "my [history].age");
  const living = basename(partialPathOf(place));
  const dead = living.replace(`.${process.pid}-`, `.${child.pid ?? 0}-`);
  const others = [
    living,
    "my [history].age",
    dead.replace("my [history]", "my h"),
    dead.replace(/^\./, ""),
    `${dead}.kept`,
    ".my [history].age.partial",
  ];
  for (const name of [dead, ...others])
    await writeFile(join(temporary.path, name), "x");
  await removeLeftovers(place);
  expect((await readdir(temporary.path)).sort()).toEqual([...others].sort());
});

test("two tries at once do not write the same file", () => {
  const place = join(temporary.path, "history.age");
  expect(partialPathOf(place)).not.toBe(partialPathOf(place));
});
