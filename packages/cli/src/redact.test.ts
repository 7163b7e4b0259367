import { describe, expect, it } from "vitest";
import { redact } from "./redact.js";

describe("redact", () => {
  it.each([
    [
      "PUT http://localhost:5558/backups/abcdef?ticket=s3cret failed",
      "PUT http://localhost:5558 failed",
    ],
    [
      'cannot read "https://h.example/backups/1234"',
      'cannot read "https://h.example"',
    ],
    ["bad key AGE-SECRET-KEY-1QQQQ here", "bad key <key> here"],
    ["bad key age-secret-key-pq-1qqqq here", "bad key <key> here"],
    [`key 0x${"ab".repeat(32)}`, "key 0xababab…"],
    [`inbox ${"12".repeat(32)} is gone`, "inbox 12121212… is gone"],
    ["two\n  lines", "two lines"],
  ])("%j", (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it("keeps it short", () => {
    expect(redact("x ".repeat(1_000))).toHaveLength(300);
  });
});
