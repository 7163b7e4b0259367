import { expect, test } from "vitest";
import {
  counted,
  formatAge,
  formatBytes,
  formatSpan,
  formatUntil,
  printable,
  shortAddress,
  shortId,
} from "./format.js";

const secondNs = 1_000_000_000n;

test("counts and sizes are written for people", () => {
  expect(counted(1, "message")).toBe("1 message");
  expect(counted(12_345, "message")).toBe("12,345 messages");
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(4_100_000)).toBe("4.1 MB");
});

test("spans are told in the largest unit that fits", () => {
  expect(formatSpan(secondNs / 2n)).toBe("a moment");
  expect(formatSpan(59n * secondNs)).toBe("59 seconds");
  expect(formatSpan(7_300n * secondNs)).toBe("2 hours");
  expect(formatAge(0n, 86_400n * secondNs)).toBe("1 day ago");
  // Clocks of two machines differ.
  expect(formatAge(10n * secondNs, 0n)).toBe("a moment ago");
  expect(formatUntil(10n * secondNs, 0n)).toBe("in 10 seconds");
  expect(formatUntil(0n, 0n)).toBe("passed");
});

test("ids and addresses are cut", () => {
  expect(shortId("0123456789abcdef")).toBe("01234567…");
  expect(shortAddress("0x52908400098527886E0F7030069857D2E4169EE7")).toBe(
    "0x5290…9EE7",
  );
});

test("what somebody else wrote cannot turn or break the line", () => {
  expect(printable("My\napp\u202egnp.exe\u0007 ")).toBe("My app gnp.exe");
  const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
  expect(printable(` ${family} `)).toBe(family);
  expect(printable("\u200d\u200c \u200b")).toBe("");
});
