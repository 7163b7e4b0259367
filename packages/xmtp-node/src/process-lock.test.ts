import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bundleChildProgram,
  type ChildProgram,
  ended,
  temporaryDirectory,
} from "@carryover/testkit";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import { type ProcessLock, takeProcessLock } from "./process-lock.js";
import { identifyThisProcess } from "./running-process.js";

describe("process lock", () => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let directory: string;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    directory = join(temporary.path, "lock");
    await mkdir(directory);
  });
  afterEach(() => temporary.remove());

  const locked = { code: "stateLocked" };
  const leaveBehind = (number: number, text: string) =>
    writeFile(
      join(directory, `lock-${String(number).padStart(12, "0")}`),
      text,
    );

  it("is held by one, and then by the next", async () => {
    for (let time = 0; time < 5; time += 1) {
      const lock = await takeProcessLock(directory);
      await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
      await lock.release();
    }
    expect(await readdir(directory)).toHaveLength(1);
  });

  it("is not taken from a process that runs", async () => {
    const { pid, startedAt } = await identifyThisProcess();
    await leaveBehind(7, JSON.stringify({ pid, startedAt, token: "x" }));
    await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
    await leaveBehind(7, JSON.stringify({ pid, token: "x" }));
    await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
    // The first process of the system belongs to somebody else, mostly, and runs.
    await leaveBehind(7, JSON.stringify({ pid: 1, token: "x" }));
    await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
  });

  it.each([
    ["was released", "released"],
    ["was damaged", "{"],
    ["is empty", ""],
    ["names no process", '{"pid":-1}'],
    ["names a process that is gone", '{"pid":2147483646}'],
    [
      "names a process whose id is used again",
      `{"pid":${process.pid},"startedAt":"another boot:1"}`,
    ],
  ])("is taken when what is there %s", async (_, text) => {
    await leaveBehind(7, text);
    const lock = await takeProcessLock(directory);
    await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
    await lock.release();
  });

  it("is given to one of many that take it at once, also from the dead", async () => {
    for (let round = 0; round < 10; round += 1) {
      await leaveBehind(900 + round, '{"pid":2147483646}');
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, () => takeProcessLock(directory)),
      );
      const won = attempts.filter(
        (attempt): attempt is PromiseFulfilledResult<ProcessLock> =>
          attempt.status === "fulfilled",
      );
      expect(won).toHaveLength(1);
      await won[0]?.value.release();
    }
  });

  it("is never held by two while many take it and let go again and again", async () => {
    let holders = 0;
    let mostHolders = 0;
    let taken = 0;
    const worker = async () => {
      while (taken < 100) {
        let lock: ProcessLock;
        try {
          lock = await takeProcessLock(directory);
        } catch {
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

  it("is not given to one so slow that its number was given out and cleaned up", async () => {
    await (await takeProcessLock(directory)).release();
    let overtaken = false;
    let holder: ProcessLock | undefined;
    const slow = takeProcessLock(directory, {
      beforeClaim: async () => {
        if (overtaken) return;
        overtaken = true;
        // The number that the slow one is about to claim, and the next one, whose holder removes it.
        await (await takeProcessLock(directory)).release();
        holder = await takeProcessLock(directory);
      },
    });
    await expect(slow).rejects.toMatchObject(locked);
    await expect(takeProcessLock(directory)).rejects.toMatchObject(locked);
    await holder?.release();
    await (await takeProcessLock(directory)).release();
  });

  it("tells who holds it, and nothing else", async () => {
    await takeProcessLock(directory);
    const [name = ""] = await readdir(directory);
    const text = await readFile(join(directory, name), "utf8");
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
      "pid",
      "startedAt",
      "token",
    ]);
  });

  describe("between processes", () => {
    let program: ChildProgram;
    beforeAll(async () => {
      program = await bundleChildProgram(
        new URL("./testing/state-store-program.ts", import.meta.url),
      );
    });
    afterAll(() => program.remove());

    it("is given to one of several processes, and after its SIGKILL to one of the next", async () => {
      for (let round = 0; round < 3; round += 1) {
        const children = Array.from({ length: 4 }, () =>
          program.start("take", directory),
        );
        await Promise.all(children.map((child) => once(child, "message")));
        const answers = children.map(async (child) => {
          const answer = once(child, "message");
          child.send("go");
          return (await answer)[0] as unknown;
        });
        expect((await Promise.all(answers)).sort()).toEqual([
          "stateLocked",
          "stateLocked",
          "stateLocked",
          "taken",
        ]);
        for (const child of children) child.kill("SIGKILL");
        await Promise.all(children.map(ended));
      }
    });
  });
});
