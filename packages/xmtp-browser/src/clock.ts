import type { Clock, RandomBytes } from "@carryover/client";

/** The most that the browser gives at once. */
const maxBytesAtOnce = 65_536;

/** The browser's clock. Nanoseconds are as fine as the browser gives them, which is milliseconds or coarser. */
export const systemClock: Clock = {
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  wait: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

/** Random bytes of the browser's cryptographic source. */
export const systemRandomBytes: RandomBytes = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += maxBytesAtOnce)
    crypto.getRandomValues(bytes.subarray(at, at + maxBytesAtOnce));
  return bytes;
};
