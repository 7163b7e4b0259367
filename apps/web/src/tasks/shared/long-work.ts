import { CarryoverError, type Progress } from "@carryover/xmtp-browser";
import { type Problem, problemOf } from "../../errors/problem.js";

/** What a long call is given. */
export interface Bound {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** One long call at a time, which can be stopped. */
export interface LongWork {
  /** Runs it; exactly one of the two is called at its end. */
  run<T>(
    work: (bound: Bound) => Promise<T>,
    to: {
      progressed?: (progress: Progress) => void;
      done: (result: T) => void;
      failed: (problem: Problem) => void;
    },
  ): void;
  /** Waits for somebody, such as a wallet, and no longer than until what runs is stopped: who is asked may never answer. */
  untilStopped<T>(answer: Promise<T>): Promise<T>;
  /** Stops what runs. It ends as a failure with the code `aborted`. */
  stop(): void;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
}

/** Makes room for one. */
export function createLongWork(): LongWork {
  let controller = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    run: (work, { progressed, done, failed }) => {
      controller = new AbortController();
      const { signal } = controller;
      const ended = (async () => {
        let result;
        try {
          result = await work({
            signal,
            onProgress: (progress) => {
              if (!signal.aborted) progressed?.(progress);
            },
          });
        } catch (error) {
          failed(problemOf(signal.aborted ? stopped(error) : error));
          return;
        }
        done(result);
      })();
      running.add(ended);
      void ended.finally(() => running.delete(ended));
    },
    untilStopped: (answer) => endedBy(controller.signal, answer),
    stop: () => controller.abort(),
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}

/** An answer that comes after the signal is nobody's any more. */
async function endedBy<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  let end: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    end = () =>
      reject(
        new CarryoverError("aborted", "it was stopped", {
          cause: signal.reason,
        }),
      );
  });
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([aborted, answer]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** The same word for it, whoever noticed first; what is worth telling of a stopped call goes before. */
function stopped(error: unknown): unknown {
  // A wallet that is not waited for any more has refused nothing.
  return error instanceof CarryoverError && error.code !== "walletRefused"
    ? error
    : new CarryoverError("aborted", "it was stopped", { cause: error });
}
