import type { BlobStore, PurgeReport } from "./blob-store.js";
import type { ProviderClock } from "./service.js";

/** Removes expired files again and again. */
export interface PurgeLoop {
  /** Purges once, now; calls at the same time share one pass. */
  run(): Promise<PurgeReport>;
  /** Ends the loop and waits for the pass under way. */
  stop(): Promise<void>;
}

/**
 * @param store what is purged
 * @param clock whose time counts
 * @param everyMs pause between two passes
 * @param onPass told of every pass: what it did, or why it failed
 */
export function startPurgeLoop(
  store: BlobStore,
  clock: ProviderClock,
  everyMs: number,
  onPass: (result: PurgeReport | { readonly error: unknown }) => void,
): PurgeLoop {
  const abort = new AbortController();
  let underway: Promise<PurgeReport> | undefined;
  const run = () => {
    underway ??= store.purge(clock.nowMs(), abort.signal).finally(() => {
      underway = undefined;
    });
    return underway;
  };
  const timer = setInterval(() => {
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
