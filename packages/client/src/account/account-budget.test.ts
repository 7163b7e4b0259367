import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultPolicy } from "../policy.js";
import { sampleInstallation } from "../testing/installations.js";
import { accountLimits, budgetOf } from "./account-budget.js";

const stateOf = (installations: number, identityUpdatesUsed: number) => ({
  installations: Array.from({ length: installations }, (_, index) => ({
    installationId: sampleInstallation(index + 1).installationId,
  })),
  identityUpdatesUsed,
});

test("the limits are XMTP's own", () => {
  expect(accountLimits).toEqual({ installations: 10, identityUpdates: 256 });
});

test.each([
  // What would be left after it: two installations and sixteen updates by default.
  [7, 239, "possible"],
  [8, 239, "low"],
  [7, 240, "low"],
  [10, 0, "low"],
  [0, 256, "low"],
])(
  "with %i installations and %i updates another file is %#: %s",
  (installations, updates, anotherFile) => {
    expect(
      budgetOf(stateOf(installations, updates), defaultPolicy).anotherFile,
    ).toBe(anotherFile);
  },
);

test("used and left make the limit, never less than nothing is left, and what is kept back stays", () => {
  fc.assert(
    fc.property(
      fc.record({
        installations: fc.nat(14),
        updates: fc.nat(300),
        minInstallationsLeft: fc.nat(10),
        minIdentityUpdatesLeft: fc.nat(256),
      }),
      ({ installations, updates, ...policy }) => {
        const budget = budgetOf(stateOf(installations, updates), policy);
        for (const { used, limit, left } of [
          budget.installations,
          budget.identityUpdates,
        ])
          expect(left).toBe(used > limit ? 0 : limit - used);
        const keepsBack =
          10 - installations - 1 >= policy.minInstallationsLeft &&
          256 - updates - 1 >= policy.minIdentityUpdatesLeft;
        expect(budget.anotherFile).toBe(keepsBack ? "possible" : "low");
      },
    ),
  );
});
