import { CarryoverError } from "@carryover/client";
import { expect, test } from "vitest";
import type { Problem } from "../../errors/problem.js";
import { type Bound, createLongWork } from "./long-work.js";

/** Runs it, stops it once it runs, and waits for how it ends. */
async function stopped(work: (bound: Bound) => Promise<void>) {
  const longWork = createLongWork();
  const ended = new Promise<Problem | "done">((resolve) => {
    longWork.run(work, {
      done: () => resolve("done"),
      failed: resolve,
    });
  });
  longWork.stop();
  await longWork.settled();
  return await ended;
}

test("what is stopped ends as that, whatever it throws", async () => {
  expect(
    await stopped(async ({ signal }) => {
      await Promise.resolve();
      signal.throwIfAborted();
    }),
  ).toMatchObject({ code: "aborted" });
  expect(
    await stopped(async () => {
      throw new Error("a stream was cancelled");
    }),
  ).toMatchObject({ code: "aborted" });
});

test("an installation that is left behind is told of, also when it was stopped", async () => {
  const installationId = "ab".repeat(32);
  expect(
    await stopped(async () => {
      throw new CarryoverError("accountFileFailed", "it failed", {
        installationId,
      });
    }),
  ).toMatchObject({ code: "accountFileFailed", installationId });
});

test("what is done when it is stopped is done", async () => {
  expect(await stopped(async () => undefined)).toBe("done");
});

test("progress of what was stopped is not told", async () => {
  const longWork = createLongWork();
  const told: string[] = [];
  longWork.run(
    async ({ onProgress }) => {
      onProgress({ phase: "openingFile" });
      await Promise.resolve();
      onProgress({ phase: "syncing" });
    },
    {
      progressed: ({ phase }) => told.push(phase),
      done: () => undefined,
      failed: () => undefined,
    },
  );
  longWork.stop();
  await longWork.settled();
  expect(told).toEqual(["openingFile"]);
});

test("an answer is not waited for any longer than the work runs, and what comes late is nobody's", async () => {
  let answer: (text: string) => void = () => undefined;
  let told = "nothing";
  const longWork = createLongWork();
  longWork.run(
    async () =>
      await longWork.untilStopped(
        new Promise<string>((resolve) => {
          answer = resolve;
        }),
      ),
    {
      done: (text) => {
        told = text;
      },
      failed: ({ code }) => {
        told = code;
      },
    },
  );
  longWork.stop();
  await longWork.settled();
  expect(told).toBe("aborted");
  answer("late");
  await Promise.resolve();
  expect(told).toBe("aborted");
});

test("a wallet that is not waited for any more has refused nothing", async () => {
  expect(
    await stopped(async () => {
      throw new CarryoverError("walletRefused", "the wallet did not sign");
    }),
  ).toMatchObject({ code: "aborted" });
});
