import type { IncomingMessage } from "node:http";
import { StorageProviderError } from "./storage-provider-error.js";

/** What counts as too slow. */
export interface PaceLimits {
  /** Longest silence between two pieces, in milliseconds. */
  readonly idleMs: number;
  /** Slowest average after the first {@link PaceLimits.graceMs}, in bytes a second. */
  readonly minBytesPerSecond: number;
  /** How long the average is not looked at, in milliseconds. */
  readonly graceMs: number;
}

/** The client went away, so there is nobody to answer. Never leaves this package. */
export const connectionLost = Symbol("connection lost");

const paced = new WeakSet<IncomingMessage>();

/** Says of a request that its body, if it is taken, will be read by {@link readBody}. */
export function giveOwnPace(request: IncomingMessage): void {
  paced.add(request);
}

/** @returns whether {@link giveOwnPace} was said of it */
export function hasOwnPace(request: IncomingMessage): boolean {
  return paced.has(request);
}

/**
 * Reads a request body to its end, at the pace of `consume`.
 *
 * @param request not yet read
 * @param pace what is too slow; time spent waiting for `consume` does not count
 * @param consume gets each piece; a promise makes the sender wait
 * @returns `connectionLost` where the body ended early because the client left
 * @throws StorageProviderError `timeout`; whatever `consume` throws. The rest of the body is then unread.
 */
export function readBody(
  request: IncomingMessage,
  pace: PaceLimits,
  consume: (chunk: Buffer) => Promise<void> | undefined,
): Promise<typeof connectionLost | undefined> {
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    let heardAtMs = startedAtMs;
    let waitedMs = 0;
    let receivedBytes = 0;
    let waiting = false;
    let settled = false;

    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearInterval(watch);
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onLost);
      request.pause();
      act();
    };
    const fail = (error: unknown) => {
      settle(() => {
        reject(
          error instanceof Error ? error : new Error("body", { cause: error }),
        );
      });
    };
    const onEnd = () => {
      settle(() => {
        resolve(undefined);
      });
    };
    const onLost = () => {
      settle(() => {
        resolve(connectionLost);
      });
    };
    const onData = (chunk: Buffer) => {
      receivedBytes += chunk.byteLength;
      heardAtMs = performance.now();
      let wait: Promise<void> | undefined;
      try {
        wait = consume(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      if (wait === undefined) return;
      request.pause();
      waiting = true;
      const since = heardAtMs;
      wait.then(() => {
        heardAtMs = performance.now();
        waitedMs += heardAtMs - since;
        waiting = false;
        if (!settled) request.resume();
      }, fail);
    };
    const tooSlow = () => {
      if (waiting) return false;
      const now = performance.now();
      const elapsedMs = now - startedAtMs - waitedMs;
      return (
        now - heardAtMs > pace.idleMs ||
        (elapsedMs > pace.graceMs &&
          (receivedBytes * 1000) / elapsedMs < pace.minBytesPerSecond)
      );
    };
    const watch = setInterval(
      () => {
        if (!tooSlow()) return;
        // This process may have been the slow one: what has arrived meanwhile is heard first.
        setImmediate(() => {
          setImmediate(() => {
            if (!tooSlow()) return;
            fail(
              new StorageProviderError("timeout", "the body came too slowly"),
            );
          });
        });
      },
      Math.min(1_000, Math.max(10, pace.idleMs / 4)),
    );
    watch.unref();

    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onLost);
    // An aborted request emits an error before it closes; without a listener it would end the process.
    request.on("error", () => undefined);
    if (request.destroyed) onLost();
  });
}
