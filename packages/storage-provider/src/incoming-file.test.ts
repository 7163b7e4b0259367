import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createIncomingFile, gatheredFileBytes } from "./incoming-file.js";
import { temporaryDirectory } from "./testing/provider-fixture.js";

test.each([1, gatheredFileBytes, gatheredFileBytes + 1, 3_000_000])(
  "%i bytes are whole under the temporary name once sealed, however they come",
  async (length) => {
    const bytes = randomBytes(length);
    for (const pieceBytes of [length, 65_536, 4_099]) {
      const path = join(await temporaryDirectory(), "file");
      const file = createIncomingFile(path);
      for (let at = 0; at < length; at += pieceBytes) {
        // Not waited for: pieces of one chunk come in one turn.
        void file.write(bytes.subarray(at, at + pieceBytes));
      }
      await file.seal();
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      await file.discard();
      await file.discard();
      expect(existsSync(path)).toBe(false);
    }
  },
);

test("a small file touches no disk before it is sealed, a larger one is written as it comes", async () => {
  const path = join(await temporaryDirectory(), "file");
  const file = createIncomingFile(path);
  expect(file.write(randomBytes(gatheredFileBytes))).toBeUndefined();
  expect(existsSync(path)).toBe(false);
  await file.write(randomBytes(1));
  expect(existsSync(path)).toBe(true);
  await file.discard();
  expect(existsSync(path)).toBe(false);
});

test.each([1, gatheredFileBytes + 1])(
  "a name that is taken stays as it is (%i bytes)",
  async (length) => {
    const path = join(await temporaryDirectory(), "file");
    writeFileSync(path, "another's");
    const file = createIncomingFile(path);
    const outcome = await Promise.resolve(file.write(randomBytes(length)))
      .then(() => file.seal())
      .then(
        () => "sealed",
        (error: unknown) =>
          error instanceof Error && "code" in error ? error.code : error,
      );
    expect(outcome).toBe("EEXIST");
    await file.discard();
    expect(readFileSync(path, "utf8")).toBe("another's");
  },
);
