import { monotonicMs } from "./monotonic-ms.js";

/** What an installation is busy with that is not Carryover's own work, and what of its own is told apart. */
export type Activity =
  | "waiting"
  | "writeFile"
  | "createArchive"
  | "importArchive"
  | "upload"
  | "download"
  | "makeLive"
  | "sync"
  | "network"
  | "lookUps"
  | "records";

/** In order of precedence, where two go on at once: what an upload waits for is not the upload's own time. */
const precedence: readonly Activity[] = [
  "waiting",
  "writeFile",
  "createArchive",
  "importArchive",
  "download",
  "upload",
  "makeLive",
  "sync",
  "network",
  "lookUps",
  "records",
];

/** From when to when something went on, by {@link monotonicMs}. */
export interface Interval {
  activity: Activity;
  startMs: number;
  endMs: number;
}

/** Milliseconds of each; `own` is what is left: Carryover's own code. */
export type Shares = Record<Activity | "own", number>;

/** What is Carryover's own part of a move: everything but the library's archives and the network. */
export const ownPart: readonly (keyof Shares)[] = [
  "writeFile",
  "lookUps",
  "records",
  "own",
];

/** Notes what goes on. */
export interface Recorder {
  readonly intervals: Interval[];
  during: <T>(activity: Activity, work: () => Promise<T>) => Promise<T>;
}

export function createRecorder(): Recorder {
  const intervals: Interval[] = [];
  return {
    intervals,
    during: async (activity, work) => {
      const startMs = monotonicMs();
      try {
        return await work();
      } finally {
        intervals.push({ activity, startMs, endMs: monotonicMs() });
      }
    },
  };
}

export const noShares = (): Shares => ({
  waiting: 0,
  writeFile: 0,
  createArchive: 0,
  importArchive: 0,
  upload: 0,
  download: 0,
  makeLive: 0,
  sync: 0,
  network: 0,
  lookUps: 0,
  records: 0,
  own: 0,
});

/** Divides a span of time among what went on in it; each moment counts once. */
export function divideTime(
  intervals: readonly Interval[],
  startMs: number,
  endMs: number,
): Shares {
  const shares = noShares();
  const clipped = intervals
    .map((interval) => ({
      ...interval,
      startMs: Math.max(interval.startMs, startMs),
      endMs: Math.min(interval.endMs, endMs),
    }))
    .filter((interval) => interval.startMs < interval.endMs);
  const edges = [
    ...clipped.flatMap((interval) => [
      { atMs: interval.startMs, activity: interval.activity, change: 1 },
      { atMs: interval.endMs, activity: interval.activity, change: -1 },
    ]),
  ].sort((a, b) => a.atMs - b.atMs);
  const open = new Map<Activity, number>();
  let fromMs = startMs;
  const count = (toMs: number) => {
    const now = precedence.find((activity) => (open.get(activity) ?? 0) > 0);
    shares[now ?? "own"] += toMs - fromMs;
    fromMs = toMs;
  };
  for (const { atMs, activity, change } of edges) {
    count(atMs);
    open.set(activity, (open.get(activity) ?? 0) + change);
  }
  count(endMs);
  return shares;
}
