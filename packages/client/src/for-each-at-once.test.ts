import { expect, test } from "vitest";
import { forEachAtOnce } from "./for-each-at-once.js";

test("every item once, and never more at once than allowed", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachAtOnce([0, 1, 2, 3, 4, 5, 6], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    done.push(item);
  });
  expect(done.sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});

test("an error stops what has not begun, after what had begun is over", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const working = forEachAtOnce([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 0) throw new Error("first");
    ended.push(item);
  });
  await expect(working).rejects.toThrow("first");
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});

test("nothing to do is done", async () => {
  await forEachAtOnce([], 4, () => Promise.reject(new Error("never")));
});
