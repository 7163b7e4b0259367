import { existsSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makePrivateDirectory } from "./private-directory.js";

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "carryover-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("it and those above it are made private, once", async () => {
  const path = join(await temporaryDirectory(), "a", "b", "c");
  await makePrivateDirectory(path);
  await makePrivateDirectory(path);
  for (const each of [path, dirname(path)])
    expect(statSync(each).mode & 0o777).toBe(0o700);
});

test("a file in its place, or on the way to it, is refused", async () => {
  const file = join(await temporaryDirectory(), "file");
  writeFileSync(file, "x");
  for (const path of [file, join(file, "a", "b")])
    await expect(makePrivateDirectory(path)).rejects.toMatchObject({
      code: "diskError",
    });
});

test.runIf(existsSync("/proc/self"))(
  "where none can be made it says so, and does not try for ever",
  async () => {
    await expect(makePrivateDirectory("/proc/none/here")).rejects.toMatchObject(
      { code: "diskError" },
    );
  },
);
