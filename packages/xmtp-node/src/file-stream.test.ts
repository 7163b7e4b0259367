import { appendFile, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readAll } from "@carryover/backup-file";
import { CarryoverError } from "@carryover/client";
import { temporaryDirectory } from "@carryover/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readFileHandle } from "./file-stream.js";

describe("a file that is still being written", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let path: string;
  let files = 0;
  beforeAll(async () => {
    directory = await temporaryDirectory();
  });
  afterAll(() => directory.remove());
  beforeEach(async () => {
    files += 1;
    path = join(directory.path, `file-${files}`);
    await writeFile(path, "");
  });

  const textOf = async (stream: ReadableStream<Uint8Array>) =>
    new TextDecoder().decode(await readAll(stream));

  it("is read to where it ends when nobody writes to it any more", async () => {
    let end: () => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      end = resolve;
    });
    const file = await open(path);
    const reader = readFileHandle(file, written).getReader();
    for (const text of ["one", "two", "three"]) {
      // The reader waits at the end of the file before there is more.
      const reading = reader.read();
      await appendFile(path, text);
      const { value } = await reading;
      expect(new TextDecoder().decode(value)).toBe(text);
    }
    const last = reader.read();
    await appendFile(path, "four");
    end();
    expect(new TextDecoder().decode((await last).value)).toBe("four");
    expect((await reader.read()).done).toBe(true);
    await expect(file.stat()).rejects.toMatchObject({ code: "EBADF" });
  });

  it("is no whole file where its writer has failed", async () => {
    await writeFile(path, "a part");
    const failed = new CarryoverError("exportFailed", "the library failed");
    const file = await open(path);
    const stream = readFileHandle(file, Promise.reject(failed));
    await expect(textOf(stream)).rejects.toMatchObject({ cause: failed });
    await expect(file.stat()).rejects.toMatchObject({ code: "EBADF" });
  });

  it("is let go by a reader that goes away while it waits", async () => {
    const file = await open(path);
    const stream = readFileHandle(file, new Promise(() => undefined));
    const reader = stream.getReader();
    const reading = reader.read();
    await reader.cancel();
    expect((await reading).done).toBe(true);
    await expect(file.stat()).rejects.toMatchObject({ code: "EBADF" });
  });
});
