import { assertSameHistory } from "../account/view-history.js";
import type { CarryoverDevice } from "../devices/carryover-device.js";
import { type DeviceProcess, startDevice } from "../devices/device-process.js";
import { divideTime, noShares, type Shares } from "../intervals.js";
import { type Course, type Move, trafficBetween } from "./move.js";

/** From the person's yes on the old installation until everything is applied on the new one. */
export async function moveWithCarryover(course: Course): Promise<Move> {
  const { world, seed, deadlineMs } = course;
  const devices = startDevices(deadlineMs);
  const { older, newer } = devices;
  try {
    const requestId = await ask(course, devices);

    const before = world.traffic();
    const applying = newer.call("applyWhenAnswered", requestId);
    // It is awaited below; when the approval fails first, its error is the one to tell.
    applying.catch(() => undefined);
    const approval = await older.call("approve", requestId);
    const applied = await applying;
    const traffic = trafficBetween(before, world.traffic());

    assertSameHistory(seed.view, await newer.call("view"));
    assertSameHistory(seed.view, await older.call("view"));
    await newer.call("catchUp");
    return {
      timeMs: applied.endMs - approval.startMs,
      ...traffic,
      live: await newer.call("live"),
      peakBytes: Math.max(
        await older.call("peakBytes"),
        await newer.call("peakBytes"),
      ),
      shares: addShares(
        divideTime(
          [
            ...approval.intervals,
            // After the old installation's last step the answer is on its way.
            {
              activity: "network",
              startMs: approval.endMs,
              endMs: applied.startMs,
            },
          ],
          approval.startMs,
          applied.startMs,
        ),
        divideTime(applied.intervals, applied.startMs, applied.endMs),
      ),
    };
  } finally {
    await stopDevices(devices);
  }
}

/** Milliseconds of one whole story, request included, that are not spent on the network or in the library. */
export async function ownTimeOfEmptyMove(
  course: Course,
): Promise<{ totalMs: number; beyondNetworkMs: number; ownMs: number }> {
  const devices = startDevices(course.deadlineMs);
  const { older, newer } = devices;
  try {
    const request = await askFor(course, devices);
    const applying = newer.call("applyWhenAnswered", request.requestId);
    applying.catch(() => undefined);
    const spans = [
      request,
      await older.call("approve", request.requestId),
      await applying,
    ];
    const shares = spans
      .map(({ intervals, startMs, endMs }) =>
        divideTime(intervals, startMs, endMs),
      )
      .reduce(addShares, noShares());
    const totalMs = spans.reduce(
      (sum, { startMs, endMs }) => sum + endMs - startMs,
      0,
    );
    const { network, sync, upload, download, makeLive } = shares;
    return {
      totalMs,
      beyondNetworkMs: totalMs - network - sync - upload - download - makeLive,
      ownMs: shares.own + shares.writeFile + shares.lookUps,
    };
  } finally {
    await stopDevices(devices);
  }
}

interface Devices {
  older: DeviceProcess<CarryoverDevice>;
  newer: DeviceProcess<CarryoverDevice>;
}

function startDevices(deadlineMs: number): Devices {
  return {
    older: startDevice<CarryoverDevice>("carryover-device", deadlineMs),
    newer: startDevice<CarryoverDevice>("carryover-device", deadlineMs),
  };
}

async function stopDevices({ older, newer }: Devices): Promise<void> {
  await Promise.all([older.stop(), newer.stop()]);
}

/** Brings the request before the person. */
async function ask(course: Course, devices: Devices): Promise<string> {
  return (await askFor(course, devices)).requestId;
}

async function askFor(
  { world, oldPlace, newPlace }: Course,
  { older, newer }: Devices,
) {
  await older.call("open", oldPlace, world.storageUrl);
  await older.call("catchUp");
  await newer.call("open", newPlace, world.storageUrl);
  const request = await newer.call("request");
  await older.call("untilAsked", request.requestId);
  return request;
}

function addShares(a: Shares, b: Shares): Shares {
  const sum = { ...a };
  for (const [activity, milliseconds] of Object.entries(b))
    sum[activity as keyof Shares] += milliseconds;
  return sum;
}
