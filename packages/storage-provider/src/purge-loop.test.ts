import { expect, test } from "vitest";
import { createDirectoryStore } from "./directory-store.js";
import { startPurgeLoop } from "./purge-loop.js";
import { factsOf, newId, put } from "./testing/blob-store-contract.js";
import {
  afterTest,
  temporaryDirectory,
  until,
} from "./testing/provider-fixture.js";

const hourMs = 3_600_000;

/** A loop over a real store with one file that expires after an hour. */
async function loopWithFile() {
  const store = await createDirectoryStore({
    directory: await temporaryDirectory(),
  });
  const bytes = Buffer.from("x");
  await put(store, newId(), bytes, factsOf(bytes, 0));
  const time = { clockMs: 0, steadyMs: 0, looks: 0 };
  const loop = startPurgeLoop(
    store,
    { nowMs: () => time.clockMs },
    1,
    () => undefined,
    () => {
      time.looks += 1;
      return time.steadyMs;
    },
  );
  afterTest(async () => {
    await loop.stop();
    await store.close();
  });
  const severalTurns = async () => {
    const { looks } = time;
    await until("the loop has turned", () => time.looks > looks + 5);
  };
  return { store, time, severalTurns };
}

test("a file is purged when its time is over", async () => {
  const { store, time, severalTurns } = await loopWithFile();
  await severalTurns();
  expect(store.usedBytes()).toBe(1);
  for (let at = 0; at < 60; at += 1) {
    time.clockMs += hourMs / 60;
    time.steadyMs += hourMs / 60;
  }
  await until("it is purged", () => store.usedBytes() === 0);
});

test("a clock that jumps ahead purges nothing, and it is all there when the clock is put back", async () => {
  const { store, time, severalTurns } = await loopWithFile();
  await severalTurns();
  time.clockMs += 1_000 * hourMs;
  await severalTurns();
  expect(store.usedBytes()).toBe(1);
  time.clockMs -= 1_000 * hourMs;
  await severalTurns();
  expect(store.usedBytes()).toBe(1);
  time.clockMs += hourMs;
  time.steadyMs += hourMs;
  await until("it is purged in its time", () => store.usedBytes() === 0);
});

test("a clock that stays ahead for an hour is believed", async () => {
  const { store, time, severalTurns } = await loopWithFile();
  time.clockMs += 1_000 * hourMs;
  await severalTurns();
  time.clockMs += hourMs;
  time.steadyMs += hourMs;
  await until("it is purged", () => store.usedBytes() === 0);
});
