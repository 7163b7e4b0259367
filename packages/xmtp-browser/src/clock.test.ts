import { describe, expect, it } from "vitest";
import { systemClock, systemRandomBytes } from "./clock.js";

describe("the browser's clock", () => {
  it("tells nanoseconds since 1970", () => {
    const nowMs = Number(systemClock.nowNs() / 1_000_000n);
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(1_000);
  });

  it("waits, and stops waiting when the signal aborts, without an error", async () => {
    await systemClock.wait(1);
    const stop = new AbortController();
    const waiting = systemClock.wait(60_000, stop.signal);
    stop.abort();
    await waiting;
    await systemClock.wait(60_000, stop.signal);
  });
});

it.each([0, 32, 65_536, 65_537, 200_000])(
  "%i random bytes are as many as asked for, and random to the end",
  (length) => {
    const bytes = systemRandomBytes(length);
    expect(bytes).toHaveLength(length);
    const end = bytes.subarray(-32);
    expect(end.every((byte) => byte === 0)).toBe(length === 0);
  },
);
