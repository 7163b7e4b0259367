import {
  chmod,
  mkdir,
  readdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@carryover/testkit";
import { describeScratchContract } from "@carryover/testkit/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createScratch } from "./scratch.js";

describeScratchContract("node", async () => {
  const temporary = await temporaryDirectory();
  return {
    open: () => createScratch(join(temporary.path, "scratch")),
    close: () => temporary.remove(),
  };
});

describe("node: scratch on disk", () => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
  });
  afterEach(() => temporary.remove());
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it("keeps files of mode 0600 in a directory of mode 0700, whatever the umask", async () => {
    const directory = join(temporary.path, "scratch");
    const before = process.umask(0);
    try {
      const scratch = await createScratch(directory);
      await (await scratch.append("a")).close();
    } finally {
      process.umask(before);
    }
    expect(await modeOf(directory)).toBe(0o700);
    expect(await modeOf(join(directory, "a"))).toBe(0o600);
  });

  it("closes a directory that stood open to others", async () => {
    const directory = join(temporary.path, "scratch");
    await mkdir(directory);
    await chmod(directory, 0o755);
    await createScratch(directory);
    expect(await modeOf(directory)).toBe(0o700);
  });

  it("refuses a link in the place of its directory", async () => {
    const directory = join(temporary.path, "scratch");
    await symlink(temporary.path, directory);
    await expect(createScratch(directory)).rejects.toMatchObject({
      code: "diskError",
    });
  });

  it("follows no link in the place of a file", async () => {
    const directory = join(temporary.path, "scratch");
    const scratch = await createScratch(directory);
    const victim = join(temporary.path, "victim");
    await writeFile(victim, "mine");
    await symlink(victim, join(directory, "a"));
    await expect(scratch.append("a")).rejects.toMatchObject({
      code: "diskError",
    });
    await expect(scratch.read("a")).rejects.toMatchObject({
      code: "diskError",
    });
  });

  it("sweeps what it would never have made", async () => {
    const directory = join(temporary.path, "scratch");
    const scratch = await createScratch(directory);
    await mkdir(join(directory, "Left.Over"));
    await writeFile(join(directory, "Left.Over", "x"), "");
    await scratch.sweep([]);
    expect(await readdir(directory)).toEqual([]);
  });
});
