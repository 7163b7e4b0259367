import { describe, expect, it } from "vitest";
import {
  counted,
  formatAge,
  formatBytes,
  formatDay,
  formatDayAndTime,
  formatSpan,
  formatUntil,
} from "./format.js";

const second = 1_000_000_000n;
const hour = 3_600n * second;

describe("format", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [4_100_000, "4.1 MB"],
    [5 * 1024 ** 3, "5.4 GB"],
    [2e15, "2000.0 TB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0n, "a moment"],
    [second / 3n, "a moment"],
    [second, "1 second"],
    [59n * second, "59 seconds"],
    [59_700_000_000n, "1 minute"],
    [61n * second, "1 minute"],
    [100n * second, "2 minutes"],
    [3_570n * second, "1 hour"],
    [2n * hour, "2 hours"],
    // What is left of a day a moment after it began.
    [24n * hour - second, "1 day"],
    [72n * hour - second, "3 days"],
    [23n * hour, "23 hours"],
    [200_000n * second, "2 days"],
  ])("%i ns are %s", (ns, text) => {
    expect(formatSpan(ns)).toBe(text);
  });

  it("takes a time of a clock that is ahead as now", () => {
    expect(formatAge(10n * second, 5n * second)).toBe("a moment ago");
    expect(formatAge(0n, 24n * hour)).toBe("1 day ago");
  });

  it("says of a time that it has passed", () => {
    expect(formatUntil(5n, 10n)).toBe("passed");
    expect(formatUntil(10n, 10n)).toBe("passed");
    expect(formatUntil(3_700n * second, 100n * second)).toBe("in 1 hour");
  });

  it("counts one and many", () => {
    expect(counted(1, "message")).toBe("1 message");
    expect(counted(1_234, "message")).toBe("1,234 messages");
    expect(counted(2, "try", "tries")).toBe("2 tries");
  });

  it("writes a day and a time in the machine's time zone", () => {
    const ms = new Date(2026, 11, 14, 9, 5).getTime();
    expect(formatDay(ms)).toBe("14 Dec 2026");
    expect(formatDayAndTime(BigInt(ms) * 1_000_000n)).toBe(
      "14 Dec 2026, 09:05",
    );
  });
});
