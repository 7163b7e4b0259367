import { temporaryDirectory } from "@carryover/testkit";
import { expect, test } from "vitest";
import { lockRefreshes } from "./lock-refreshes.js";

const [one, other] = ["a1".repeat(32), "b2".repeat(32)];

test("one piece of work at a time uses an installation in a directory; another one of either is another matter", async () => {
  const here = await temporaryDirectory();
  const elsewhere = await temporaryDirectory();
  try {
    const lock = await lockRefreshes(here.path, one);
    await expect(lockRefreshes(here.path, one)).rejects.toMatchObject({
      code: "stateLocked",
      message:
        "another command or app works with this Backup Account File, or a copy of it",
      retryable: true,
    });
    await (await lockRefreshes(here.path, other)).release();
    await (await lockRefreshes(elsewhere.path, one)).release();
    await lock.release();
    await (await lockRefreshes(here.path, one)).release();
  } finally {
    await here.remove();
    await elsewhere.remove();
  }
});

test("what is no installation id leads nowhere", async () => {
  for (const id of ["..", "", "a1".repeat(31), `${one}/x`])
    await expect(lockRefreshes("/nowhere", id)).rejects.toThrow(
      "no installation id",
    );
});
