import { expect, test } from "vitest";
import { divideTime, noShares } from "./intervals.js";

test("each moment counts once, for what takes precedence, and the rest is Carryover's own", () => {
  expect(
    divideTime(
      [
        { activity: "upload", startMs: 10, endMs: 50 },
        { activity: "writeFile", startMs: 15, endMs: 20 },
        { activity: "writeFile", startMs: 30, endMs: 35 },
        { activity: "makeLive", startMs: 60, endMs: 80 },
        { activity: "makeLive", startMs: 65, endMs: 85 },
        { activity: "waiting", startMs: 70, endMs: 75 },
        { activity: "network", startMs: 95, endMs: 200 },
      ],
      5,
      100,
    ),
  ).toEqual({
    ...noShares(),
    upload: 30,
    writeFile: 10,
    makeLive: 20,
    waiting: 5,
    network: 5,
    own: 25,
  });
});

test("what lies outside the span does not count", () => {
  expect(
    divideTime(
      [
        { activity: "sync", startMs: 0, endMs: 5 },
        { activity: "sync", startMs: 20, endMs: 30 },
      ],
      5,
      20,
    ),
  ).toEqual({ ...noShares(), own: 15 });
});
