import { describe, expect, it } from "vitest";
import { systemClock, systemRandomBytes } from "./clock.js";

describe("the system's clock", () => {
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

it("random bytes are as many as asked for, and others every time", () => {
  expect(systemRandomBytes(32)).toHaveLength(32);
  expect(systemRandomBytes(32)).not.toEqual(systemRandomBytes(32));
});
