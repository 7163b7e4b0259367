import { CarryoverError } from "./errors.js";
import type { LongCallOptions } from "./progress.js";

/** Lets calls in until it is closed, and then waits for those that are under way. */
export interface CallGate {
  /** Aborts when the gate closes. */
  readonly signal: AbortSignal;
  /**
   * Runs one call. Its options' signal is joined with the gate's own, so that nothing runs on a store that is let go.
   *
   * @throws {CarryoverError} `closed` after `close`; `aborted` where the caller's signal or `close` stopped it
   */
  run<T, Options extends LongCallOptions>(
    options: Options,
    work: (options: Options & { signal: AbortSignal }) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

export function createCallGate(): CallGate {
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  async function guarded<T, Options extends LongCallOptions>(
    options: Options,
    work: (options: Options & { signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    if (closing.signal.aborted)
      throw new CarryoverError("closed", "this instance was closed");
    const { signal: own } = options;
    const signal =
      own === undefined
        ? closing.signal
        : AbortSignal.any([own, closing.signal]);
    try {
      return await work({ ...options, signal });
    } catch (error) {
      if (error instanceof CarryoverError || !signal.aborted) throw error;
      throw new CarryoverError("aborted", "stopped on request", {
        cause: error,
      });
    }
  }

  return {
    signal: closing.signal,
    run: (options, work) => {
      const started = guarded(options, work);
      underWay.add(started);
      return started.finally(() => underWay.delete(started));
    },
    close: async () => {
      closing.abort();
      await Promise.allSettled(underWay);
    },
  };
}
