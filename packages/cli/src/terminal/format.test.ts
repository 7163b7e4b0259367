import { expect, it } from "vitest";
import { formatAge, formatDay, formatTime, formatUntil } from "./format.js";

const hourNs = 3_600_000_000_000n;

it("says of what ends in a day, a moment after it began, that it ends in a day", () => {
  expect(formatUntil(24n * hourNs, 3_000_000_000n)).toBe("in 1 day");
  expect(formatAge(0n, 24n * hourNs - 1n)).toBe("1 day ago");
});

it("writes days and times in the machine's time zone", () => {
  const ms = new Date(2026, 2, 1, 14, 5).getTime();
  expect(formatTime(BigInt(ms) * 1_000_000n)).toBe("2026-03-01 14:05");
  expect(formatDay(ms)).toBe("1 Mar 2026");
});
