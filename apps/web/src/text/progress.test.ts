import { expect, test } from "vitest";
import { advance, figuresOf, noCourse, shareOf } from "./progress.js";

test("a phase is done when the next one begins, and figures are not taken away", () => {
  let course = advance(noCourse, { phase: "openingFile", bytes: 10 });
  course = advance(course, { phase: "openingFile" });
  expect(course).toEqual({
    done: [],
    current: { phase: "openingFile", bytes: 10 },
  });
  course = advance(course, { phase: "syncing" });
  expect(course).toEqual({
    done: ["openingFile"],
    current: { phase: "syncing" },
  });
});

test("a phase that comes back is under way, and not done as well", () => {
  const phases = ["archiving", "uploading", "archiving"] as const;
  const course = phases.reduce(
    (before, phase) => advance(before, { phase }),
    noCourse,
  );
  expect(course).toEqual({
    done: ["uploading"],
    current: { phase: "archiving" },
  });
});

test("how far it is, where somebody knows", () => {
  expect(shareOf({ phase: "uploading", bytes: 5 })).toBeUndefined();
  expect(shareOf({ phase: "uploading", messages: 5, totalMessages: 10 })).toBe(
    0.5,
  );
  expect(
    figuresOf({
      phase: "uploading",
      messages: 12,
      totalMessages: 276,
      bytes: 1_200,
    }),
  ).toBe("12 of 276 messages, 1.2 kB");
  expect(figuresOf({ phase: "syncing" })).toBe("");
});
