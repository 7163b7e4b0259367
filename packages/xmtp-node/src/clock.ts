import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, RandomBytes } from "@carryover/client";

/** The system's clock. Nanoseconds are as fine as the system gives them, which is milliseconds. */
export const systemClock: Clock = {
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  wait: async (delayMs, signal) => {
    if (signal?.aborted) return;
    try {
      await delay(delayMs, undefined, signal ? { signal } : {});
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
};

/** Random bytes of the operating system. */
export const systemRandomBytes: RandomBytes = (length) =>
  new Uint8Array(randomBytes(length));
