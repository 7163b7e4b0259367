import { expect, it } from "vitest";
import { fallbackText } from "./fallback.js";
import { sampleRequest, samplePayloads } from "./testing/samples.js";

const kinds = Object.values(samplePayloads).map(({ kind }) => kind);

it.each(kinds)("of a %s is a text that stands by itself", (kind) => {
  const text = fallbackText(kind);
  expect(text).toMatch(/^[A-Z].*\.$/);
  expect(text.length).toBeLessThan(300);
  // Shown on lock screens, too.
  expect(text).not.toMatch(/[0-9]/);
  expect(text).not.toContain(sampleRequest.appName);
});

it("is another for each kind", () => {
  expect(new Set(kinds.map(fallbackText)).size).toBe(kinds.length);
});

it.each(["request", "contactBundle"] as const)(
  "of a %s tells what to do when it was not you",
  (kind) => {
    expect(fallbackText(kind)).toContain("revoke installations");
  },
);
