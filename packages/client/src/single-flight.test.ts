import { expect, test } from "vitest";
import { createSingleFlight } from "./single-flight.js";

test("who asks while a task runs gets the same run; afterwards it runs anew", async () => {
  const once = createSingleFlight<number>();
  let runs = 0;
  const task = async () => {
    await Promise.resolve();
    return ++runs;
  };
  expect(
    await Promise.all([once("a", task), once("a", task), once("b", task)]),
  ).toEqual([1, 1, 2]);
  expect(await once("a", task)).toBe(3);
});

test("a failed task does not stay", async () => {
  const once = createSingleFlight<string>();
  await expect(
    once("a", () => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  expect(await once("a", async () => "yes")).toBe("yes");
});
