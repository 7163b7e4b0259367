import type { Seed } from "../world/seed.js";
import { startWorld, type World, type WorldTraffic } from "../world/world.js";
import type { ClientPlace } from "../account/open-client.js";

/** One history moved, and seen to have arrived. */
export interface Move {
  timeMs: number;
  /** Processor time of both installations. */
  processorMs: number;
  httpUpBytes: number;
  httpDownBytes: number;
  grpcBytes: number;
  /** Conversations that can be written in on the new installation. */
  live: number;
  /** Largest resident size of either installation's process. */
  peakBytes: number;
}

/** What adding the new installation to every conversation took, where that is no part of a move. */
export interface MakingLive {
  timeMs: number;
  processorMs: number;
  grpcBytes: number;
}

/** What a contender gets for one run. */
export interface Course {
  world: World;
  seed: Seed;
  oldPlace: ClientPlace;
  newPlace: ClientPlace;
  /** After which a call counts as hanging, milliseconds. */
  deadlineMs: number;
}

/** A copy of the seed with its network running, for one run. */
export async function prepareCourse(
  seed: Seed,
  deadlineMs: number,
): Promise<Course> {
  const world = await startWorld(seed.networkDirectory);
  const place = async (directory: Promise<string>): Promise<ClientPlace> => ({
    walletKey: seed.walletKey,
    databaseKey: seed.databaseKey,
    apiUrl: world.apiUrl,
    directory: await directory,
  });
  return {
    world,
    seed,
    deadlineMs,
    oldPlace: await place(world.directory("old", seed.oldDirectory)),
    newPlace: await place(world.directory("new")),
  };
}

/** What went over the wire between two looks. */
export function trafficBetween(
  before: WorldTraffic,
  after: WorldTraffic,
): Pick<Move, "httpUpBytes" | "httpDownBytes" | "grpcBytes"> {
  return {
    httpUpBytes: after.http.receivedBytes - before.http.receivedBytes,
    httpDownBytes: after.http.sentBytes - before.http.sentBytes,
    grpcBytes: after.grpcBytes - before.grpcBytes,
  };
}

/** A device whose processor time can be asked for. */
interface Measured {
  call(name: "processorMs"): Promise<number>;
}

/** Processor time of both installations so far, milliseconds. */
export async function processorMsOf(
  older: Measured,
  newer: Measured,
): Promise<number> {
  return (await older.call("processorMs")) + (await newer.call("processorMs"));
}
