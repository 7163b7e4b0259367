import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makePrivateDirectory } from "./private-directory.js";
import { temporaryDirectory } from "./testing/provider-fixture.js";

test("it and those above it are made private, once", async () => {
  const path = join(await temporaryDirectory(), "a", "b", "c");
  await makePrivateDirectory(path);
  await makePrivateDirectory(path);
  for (const each of [path, dirname(path)]) {
    expect(statSync(each).mode & 0o777).toBe(0o700);
  }
});

test("a path through a file is refused", async () => {
  const file = join(await temporaryDirectory(), "file");
  writeFileSync(file, "x");
  await expect(makePrivateDirectory(join(file, "a", "b"))).rejects.toThrow();
});

test.runIf(existsSync("/proc/self"))(
  "where none can be made it says so, and does not try for ever",
  async () => {
    await expect(makePrivateDirectory("/proc/none/here")).rejects.toThrow(
      /ENOENT|EACCES/,
    );
  },
);
