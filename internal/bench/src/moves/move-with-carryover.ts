import { assertSameHistory } from "../account/view-history.js";
import type { CarryoverDevice, Span } from "../devices/carryover-device.js";
import { type DeviceProcess, startDevice } from "../devices/device-process.js";
import { divideTime, noShares, type Shares } from "../intervals.js";
import {
  type Course,
  type Move,
  processorMsOf,
  trafficBetween,
} from "./move.js";

/** A move, and where its time went. */
export interface SharedMove extends Move {
  /** Of the two calls. */
  shares: Shares;
  /** Between them: until the new installation's process was told of the end of the old one's call. */
  handOverMs: number;
}

/** From the person's yes on the old installation until everything is applied on the new one. */
export async function moveWithCarryover(course: Course): Promise<SharedMove> {
  const { world, seed, deadlineMs } = course;
  const devices = startDevices(deadlineMs);
  const { older, newer } = devices;
  try {
    const requestId = await ask(course, devices);

    const before = world.traffic();
    const processorBefore = await processorMsOf(older, newer);
    const approval = await older.call("approve", requestId);
    const applied = await newer.call("apply", requestId);
    const traffic = trafficBetween(before, world.traffic());
    const processorMs = (await processorMsOf(older, newer)) - processorBefore;

    assertSameHistory(seed.view, await newer.call("view"));
    assertSameHistory(seed.view, await older.call("view"));
    return {
      timeMs: applied.endMs - approval.startMs,
      processorMs,
      ...traffic,
      live: await newer.call("live"),
      peakBytes: Math.max(
        await older.call("peakBytes"),
        await newer.call("peakBytes"),
      ),
      shares: sharesOf([approval, applied]),
      handOverMs: applied.startMs - approval.endMs,
    };
  } finally {
    await stopDevices(devices);
  }
}

/** Where the time goes when there is nothing to move, from the request to its end. */
export interface EmptyMove {
  totalMs: number;
  /** Without calls to the network and to storage. */
  beyondNetworkMs: number;
  /** Without the library's archives, too. */
  ownMs: number;
}

/** One whole story with an installation that has no conversation. */
export async function moveNothing(course: Course): Promise<EmptyMove> {
  const devices = startDevices(course.deadlineMs);
  const { older, newer } = devices;
  try {
    const request = await askFor(course, devices);
    const { requestId } = request;
    const spans = [
      request,
      await older.call("approve", requestId),
      await newer.call("apply", requestId),
    ];
    const shares = sharesOf(spans);
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
  await older.call("fetchRequest", request.requestId);
  return request;
}

const sharesOf = (spans: readonly Span[]): Shares =>
  spans
    .map(({ intervals, startMs, endMs }) =>
      divideTime(intervals, startMs, endMs),
    )
    .reduce(addShares, noShares());

function addShares(a: Shares, b: Shares): Shares {
  const sum = { ...a };
  for (const [activity, milliseconds] of Object.entries(b))
    sum[activity as keyof Shares] += milliseconds;
  return sum;
}
