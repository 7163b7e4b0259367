import { describe, expect, it } from "vitest";
import {
  counted,
  formatAge,
  formatBytes,
  formatSpan,
  formatUntil,
} from "./format.js";

const second = 1_000_000_000n;

describe("format", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [4_100_000, "4.1 MB"],
    [5 * 1024 ** 3, "5.4 GB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0n, "a moment"],
    [second, "1 second"],
    [61n * second, "1 minute"],
    [7_200n * second, "2 hours"],
    [200_000n * second, "2 days"],
  ])("%i ns are %s", (ns, text) => {
    expect(formatSpan(ns)).toBe(text);
  });

  it("takes a time of a clock that is ahead as now", () => {
    expect(formatAge(10n * second, 5n * second)).toBe("a moment ago");
  });

  it("says of a time that it has passed", () => {
    expect(formatUntil(5n, 10n)).toBe("passed");
    expect(formatUntil(3_700n * second, 100n * second)).toBe("in 1 hour");
  });

  it("counts one and many", () => {
    expect(counted(1, "message")).toBe("1 message");
    expect(counted(1_234, "message")).toBe("1,234 messages");
    expect(counted(2, "try", "tries")).toBe("2 tries");
  });
});
