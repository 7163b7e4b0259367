import { setTimeout as delay } from "node:timers/promises";
import { assertSameHistory } from "../account/view-history.js";
import { startDevice } from "../devices/device-process.js";
import type { OfficialDevice } from "../devices/official-device.js";
import { type Course, type Move, trafficBetween } from "./move.js";

const pin = "bench";

/**
 * From the call on the old installation that sends an archive until it is imported on the new one. What the SDK does
 * before (telling the old installation of the new one, adding that to conversations) is over then, and is not counted.
 */
export async function moveWithOfficial(course: Course): Promise<Move> {
  const { world, seed, oldPlace, newPlace, deadlineMs } = course;
  const older = startDevice<OfficialDevice>("official-device", deadlineMs);
  const newer = startDevice<OfficialDevice>("official-device", deadlineMs);
  try {
    await older.call("open", oldPlace);
    await older.call("catchUp");
    await newer.call("open", newPlace);
    for (let probe = 0; ; probe += 1) {
      if (probe === 100)
        throw new Error("the new installation learns of no archive");
      await older.call("catchUp");
      await older.call("sendProbe", `probe-${probe}`, world.uploadUrl);
      if (await newer.call("knows", `probe-${probe}`)) break;
      await delay(100);
    }
    await untilQuiet(() => world.traffic().grpcBytes);

    const before = world.traffic();
    const sent = await older.call("send", pin, world.uploadUrl);
    const received = await newer.call("receive", pin);
    const traffic = trafficBetween(before, world.traffic());

    assertSameHistory(seed.view, await newer.call("view"));
    await newer.call("catchUp");
    return {
      timeMs: received.endMs - sent.startMs,
      ...traffic,
      live: await newer.call("live"),
      peakBytes: Math.max(
        await older.call("peakBytes"),
        await newer.call("peakBytes"),
      ),
    };
  } finally {
    await Promise.all([older.stop(), newer.stop()]);
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
