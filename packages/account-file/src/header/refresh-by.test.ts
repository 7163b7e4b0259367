import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysLeft, refreshBy } from "./refresh-by.js";

const day = 86_400_000_000_000n;
const made = 1_790_000_000_000_000_000n;
const dates = {
  keyPackageExpiresAtNs: made + 84n * day,
  messagesKeptUntilNs: made + 30n * day,
};

describe("refresh by", () => {
  it("is the earlier of the two dates", () => {
    expect(refreshBy(dates)).toBe(made + 30n * day);
    expect(
      refreshBy({ ...dates, keyPackageExpiresAtNs: made + 5n * day }),
    ).toBe(made + 5n * day);
  });

  it("is the key package's end where messages are kept for ever", () => {
    expect(refreshBy({ ...dates, messagesKeptUntilNs: undefined })).toBe(
      made + 84n * day,
    );
  });
});

describe("days left", () => {
  it.each([
    ["on the first day", 0n, 30, "good"],
    ["with a week and a day to go", 22n * day, 8, "good"],
    ["with exactly a week to go", 23n * day, 7, "good"],
    ["a moment later", 23n * day + 1n, 6, "refreshSoon"],
    ["on the last day", 30n * day - 1n, 0, "refreshSoon"],
    ["at the end", 30n * day, 0, "refreshNow"],
    ["long after", 400n * day, 0, "refreshNow"],
    ["by a clock that is a day slow", -day, 31, "good"],
  ] as const)("%s", (_, afterNs, days, state) => {
    expect(daysLeft(dates, made + afterNs)).toMatchObject({
      refreshByNs: made + 30n * day,
      daysLeft: days,
      state,
    });
  });

  it("says of messages and of new conversations apart what is left", () => {
    expect(daysLeft(dates, made + 40n * day)).toEqual({
      refreshByNs: made + 30n * day,
      daysLeft: 0,
      state: "refreshNow",
      messages: {
        untilNs: made + 30n * day,
        daysLeft: 0,
        state: "passed",
      },
      newConversations: {
        untilNs: made + 84n * day,
        daysLeft: 44,
        state: "open",
      },
    });
  });

  it("knows no end of messages on a network that keeps them for ever", () => {
    const kept = { ...dates, messagesKeptUntilNs: undefined };
    expect(daysLeft(kept, made + 40n * day)).toMatchObject({
      daysLeft: 44,
      state: "good",
      messages: { untilNs: undefined, daysLeft: undefined, state: "open" },
    });
  });

  it("never grows as time passes", () => {
    const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(time, time, time, time, (expires, kept, one, other) => {
        const sample = {
          keyPackageExpiresAtNs: expires,
          messagesKeptUntilNs: kept,
        };
        const [early, late] = one < other ? [one, other] : [other, one];
        const before = daysLeft(sample, early);
        const after = daysLeft(sample, late);
        expect(after.daysLeft).toBeLessThanOrEqual(before.daysLeft);
        expect(before.daysLeft).toBeGreaterThanOrEqual(0);
        expect(after.state === "refreshNow").toBe(late >= after.refreshByNs);
      }),
    );
  });
});
