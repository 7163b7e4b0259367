import type { BlobStore, PurgeReport } from "./blob-store.js";
import type { ProviderClock } from "./service.js";

/** Removes expired files again and again. */
export interface PurgeLoop {
  /** Purges once, now; calls at the same time share one pass. */
  run(): Promise<PurgeReport>;
  /** Ends the loop and waits for the pass under way. */
  stop(): Promise<void>;
}

/** Time that passes evenly, whatever is done to the system's clock. In milliseconds from any beginning. */
export type SteadyTime = () => number;

const jumpMs = 10 * 60_000;
const restAfterJumpMs = 60 * 60_000;

/**
 * When the clock jumps ahead, everything looks expired. A purge cannot be taken back, so the loop then rests for an hour,
 * or until the clock is put back.
 *
 * @param store what is purged
 * @param clock whose time counts
 * @param everyMs pause between two passes
 * @param onPass told of every pass: what it did, or why it failed
 * @param steady tells a jump of the clock from time that passed
 */
export function startPurgeLoop(
  store: BlobStore,
  clock: ProviderClock,
  everyMs: number,
  onPass: (result: PurgeReport | { readonly error: unknown }) => void,
  steady: SteadyTime = () => performance.now(),
): PurgeLoop {
  let seen = { clockMs: clock.nowMs(), steadyMs: steady() };
  let restUntilMs = -Infinity;
  const rests = () => {
    const now = { clockMs: clock.nowMs(), steadyMs: steady() };
    const aheadMs = now.clockMs - seen.clockMs - (now.steadyMs - seen.steadyMs);
    seen = now;
    if (aheadMs > jumpMs) restUntilMs = now.steadyMs + restAfterJumpMs;
    if (aheadMs < -jumpMs) restUntilMs = -Infinity;
    return now.steadyMs < restUntilMs;
  };
  const abort = new AbortController();
  let underway: Promise<PurgeReport> | undefined;
  const run = () => {
    underway ??= store.purge(clock.nowMs(), abort.signal).finally(() => {
      underway = undefined;
    });
    return underway;
  };
  const timer = setInterval(() => {
    if (rests()) return;
    run().then(onPass, (error: unknown) => {
      onPass({ error });
    });
  }, everyMs);
  timer.unref();
  return {
    run,
    async stop() {
      clearInterval(timer);
      abort.abort();
      await underway?.catch(() => undefined);
    },
  };
}
