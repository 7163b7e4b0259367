import { setTimeout as delay } from "node:timers/promises";
import { assertSameHistory } from "../account/view-history.js";
import {
  type DeviceProcess,
  HangError,
  startDevice,
} from "../devices/device-process.js";
import type { OfficialDevice } from "../devices/official-device.js";
import { monotonicMs } from "../monotonic-ms.js";
import {
  type Course,
  type MakingLive,
  type Move,
  processorMsOf,
  trafficBetween,
} from "./move.js";

const pin = "bench";

/**
 * From the call on the old installation that sends an archive until it is imported on the new one. Before, and measured
 * apart: from the moment that the old installation fetches what is new until its workers have added the new one to
 * every conversation.
 */
export async function moveWithOfficial(
  course: Course,
): Promise<Move & { makingLive: MakingLive }> {
  const { world, seed, oldPlace, newPlace, deadlineMs } = course;
  const older = startDevice<OfficialDevice>("official-device", deadlineMs);
  const newer = startDevice<OfficialDevice>("official-device", deadlineMs);
  try {
    await older.call("open", oldPlace);
    await older.call("catchUp");
    const welcomes = world.welcomesSent();
    await newer.call("open", newPlace);
    // The SDK tells the other installations of the new one from a worker of its own.
    await until(
      "the new installation to be announced",
      deadlineMs,
      () => world.welcomesSent() > welcomes,
    );
    const makingLive = await makeLive(course, older, newer);
    await connect(course, older, newer);
    await untilQuiet(() => world.traffic().grpcBytes);

    const before = world.traffic();
    const processorBefore = await processorMsOf(older, newer);
    const sent = await older.call("send", pin, world.uploadUrl);
    const received = await newer.call("receive", pin);
    const traffic = trafficBetween(before, world.traffic());
    const processorMs = (await processorMsOf(older, newer)) - processorBefore;

    assertSameHistory(seed.view, await newer.call("view"));
    return {
      timeMs: received.endMs - sent.startMs,
      processorMs,
      ...traffic,
      live: await newer.call("live"),
      peakBytes: Math.max(
        await older.call("peakBytes"),
        await newer.call("peakBytes"),
      ),
      makingLive,
    };
  } finally {
    await Promise.all([older.stop(), newer.stop()]);
  }
}

type Device = DeviceProcess<OfficialDevice>;

async function makeLive(
  { world, seed, deadlineMs }: Course,
  older: Device,
  newer: Device,
): Promise<MakingLive> {
  const conversations = Object.keys(seed.view).length;
  const before = world.traffic();
  const processorBefore = await processorMsOf(older, newer);
  const welcomesBefore = world.welcomesSent();
  const startMs = monotonicMs();
  await older.call("catchUp");
  await until(
    "every conversation to come live",
    deadlineMs,
    () => world.welcomesSent() - welcomesBefore >= conversations,
  );
  await until(
    "every conversation to come live",
    deadlineMs,
    async () => (await newer.call("catchUpAndCountLive")) >= conversations,
  );
  const timeMs = monotonicMs() - startMs;
  const { grpcBytes } = trafficBetween(before, world.traffic());
  const processorMs = (await processorMsOf(older, newer)) - processorBefore;
  return { timeMs, processorMs, grpcBytes };
}

/** Until the new installation learns of an archive that the old one sends: they first have to share a group for that. */
async function connect(
  { world }: Course,
  older: Device,
  newer: Device,
): Promise<void> {
  for (let probe = 0; probe < 100; probe += 1) {
    await older.call("catchUp");
    await older.call("sendProbe", `probe-${probe}`, world.uploadUrl);
    if (await newer.call("knows", `probe-${probe}`)) return;
    await delay(100);
  }
  throw new Error("the new installation learns of no archive");
}

async function until(
  what: string,
  deadlineMs: number,
  look: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpAtMs = monotonicMs() + deadlineMs;
  while (!(await look())) {
    if (monotonicMs() > giveUpAtMs)
      throw new HangError(`waited ${deadlineMs} ms for ${what}`);
    await delay(5);
  }
}

/** The SDK's workers go on by themselves: waits until nothing moves. */
async function untilQuiet(bytes: () => number): Promise<void> {
  const giveUpAtMs = performance.now() + 30_000;
  let last = bytes();
  for (;;) {
    await delay(1_000);
    const now = bytes();
    if (now === last || performance.now() > giveUpAtMs) return;
    last = now;
  }
}
