import { expect, test } from "vitest";
import { defaultPolicy, parsePolicy } from "./policy.js";

test("an app that decides nothing gets the defaults, and no storage service", () => {
  expect(parsePolicy({})).toEqual(defaultPolicy);
  expect(defaultPolicy.allowedStorageOrigins).toEqual([]);
});

test.each([
  { maxRequestAgeMs: 0 },
  { requestLifetimeMs: -1 },
  { maxBackupFileBytes: 1.5 },
  { importTimeoutMs: Number.NaN },
  { pinMode: "skip" as never },
  { onDecline: "shout" as never },
  { allowedStorageOrigins: ["http://example.org"] },
])("a slip is refused at start: %o", (options) => {
  expect(() => parsePolicy(options)).toThrow(
    expect.objectContaining({ code: "invalidOption" }),
  );
});
