import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DirectoryLock, lockDirectory } from "./directory-lock.js";
import { afterTest, temporaryDirectory } from "./testing/provider-fixture.js";

const inUse = { code: "directory-unusable" };

/** A process that listens on a lock until it is killed. */
async function startHolder(directory: string, name: string) {
  const child = spawn(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(join(directory, name))}, () => console.log("held"))`,
  ]);
  afterTest(async () => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  return {
    die: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("a directory is one instance's, and then the next one's", async () => {
  const directory = await temporaryDirectory();
  for (let time = 0; time < 5; time += 1) {
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
    await lock.release();
  }
  expect(await readdir(directory)).toEqual(["lock-000000000005"]);
});

test("it is not taken from a process that runs, and is after its death", async () => {
  const directory = await temporaryDirectory();
  const holder = await startHolder(directory, "lock-000000000007");
  await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
  await holder.die();
  expect(existsSync(join(directory, "lock-000000000007"))).toBe(true);
  const lock = await lockDirectory(directory);
  expect(await readdir(directory)).toEqual(["lock-000000000008"]);
  await lock.release();
});

test("what one that died while it took it has left is removed", async () => {
  const directory = await temporaryDirectory();
  await (await startHolder(directory, "lock-aside-x")).die();
  await (await lockDirectory(directory)).release();
  expect(await readdir(directory)).toEqual(["lock-000000000001"]);
});

test("of many that take it at once one gets it, also after a death", async () => {
  const directory = await temporaryDirectory();
  const holder = await startHolder(directory, "lock-000000000001");
  await holder.die();
  for (let round = 0; round < 20; round += 1) {
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, () => lockDirectory(directory)),
    );
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    for (const attempt of attempts)
      if (attempt.status === "rejected")
        expect(attempt.reason).toMatchObject(inUse);
    expect(won).toHaveLength(1);
    await won[0]?.value.release();
  }
});

test("it is never two's while many take it and let it go again and again", async () => {
  const directory = await temporaryDirectory();
  let holders = 0;
  let mostHolders = 0;
  let taken = 0;
  const worker = async () => {
    while (taken < 100) {
      let lock: DirectoryLock;
      try {
        lock = await lockDirectory(directory);
      } catch (error) {
        expect(error).toMatchObject(inUse);
        continue;
      }
      taken += 1;
      holders += 1;
      mostHolders = Math.max(mostHolders, holders);
      for (let turn = 0; turn < taken % 4; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      await lock.release();
    }
  };
  await Promise.all(Array.from({ length: 12 }, worker));
  expect(mostHolders).toBe(1);
});

test("it is not given to one so slow that its number was given out and cleaned up", async () => {
  const directory = await temporaryDirectory();
  await (await lockDirectory(directory)).release();
  let overtaken = false;
  let holder: DirectoryLock | undefined;
  const slow = lockDirectory(directory, {
    beforeClaim: async () => {
      if (overtaken) return;
      overtaken = true;
      // The number that the slow one is about to claim, and the next one, whose holder removes it.
      await (await lockDirectory(directory)).release();
      holder = await lockDirectory(directory);
    },
  });
  await expect(slow).rejects.toMatchObject(inUse);
  await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
  await holder?.release();
  await (await lockDirectory(directory)).release();
});

test("where a socket's path cannot be shortened, a directory is locked as long as it fits, and else refused", async () => {
  const { platform } = process;
  afterTest(async () => {
    Object.defineProperty(process, "platform", { value: platform });
  });
  Object.defineProperty(process, "platform", { value: "darwin" });
  const root = await temporaryDirectory();
  const ofBytes = async (bytes: number) => {
    const directory = join(root, "x".repeat(bytes - root.length - 1));
    await mkdir(directory);
    return directory;
  };
  const fitting = await ofBytes(85);
  const lock = await lockDirectory(fitting);
  await expect(lockDirectory(fitting)).rejects.toMatchObject(inUse);
  expect(await readdir(fitting)).toEqual(["lock-000000000001"]);
  await lock.release();
  const tooLong = await ofBytes(86);
  await expect(lockDirectory(tooLong)).rejects.toMatchObject({
    code: "directory-unusable",
    message: "the directory's path is too long for a lock on this system",
  });
  expect(await readdir(tooLong)).toEqual([]);
});
