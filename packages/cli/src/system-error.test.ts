import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { viewError } from "./output.js";
import { explainSystemError } from "./system-error.js";

it("says in words what the operating system would not do, and with what", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carryover-system-"));
  try {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const error: unknown = await mkdir(join(file, "home")).catch(
      (reason: unknown) => reason,
    );
    expect(await viewError(error)).toMatchObject({
      code: "diskError",
      message: `a part of the path is no directory: ${join(file, "home")}`,
      exitCode: 1,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it.each([
  ["[StorageError::Platform] No space left on device (os error 28)", /space/],
  ["[StorageError::Connection] database or disk is full", /space/],
  ["attempt to write a readonly database", /read-only/],
])("understands the native library's %s", (message, words) => {
  expect(explainSystemError(new Error(message))?.message).toMatch(words);
});

it("leaves every other error to be reported", () => {
  expect(explainSystemError(new Error("something else"))).toBeUndefined();
  expect(explainSystemError("no error at all")).toBeUndefined();
  expect(
    explainSystemError(
      Object.assign(new Error("x"), { code: "ENOENT" as const }),
    ),
  ).toBeUndefined();
});
