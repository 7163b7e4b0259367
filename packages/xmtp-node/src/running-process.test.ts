import { spawn } from "node:child_process";
import { once } from "node:events";
import { waitFor } from "@carryover/testkit";
import { afterEach, expect, test } from "vitest";
import { identifyThisProcess, isRunning } from "./running-process.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

test("this process runs, and one with its id from another boot does not", async () => {
  const self = await identifyThisProcess();
  expect(await isRunning(self)).toBe(true);
  expect(await isRunning({ ...self, startedAt: "another boot:1" })).toBe(false);
});

test("a killed process does not run, also while its parent has not asked how it ended", async () => {
  // The parent becomes a program that never asks, as the first process of many containers is.
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  stops.push(() => parent.kill("SIGKILL"));
  const pid = await once(parent.stdout, "data").then(([line]: unknown[]) =>
    Number(String(line)),
  );
  expect(await isRunning({ pid })).toBe(true);
  process.kill(pid, "SIGKILL");
  await waitFor("it to be dead", async () => !(await isRunning({ pid })));
  // It still answers to signals: only its state tells.
  expect(process.kill(pid, 0)).toBe(true);
});
