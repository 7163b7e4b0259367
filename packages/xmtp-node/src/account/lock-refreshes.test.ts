import { temporaryDirectory } from "@carryover/testkit";
import { expect, test } from "vitest";
import { lockRefreshes } from "./lock-refreshes.js";

test("one refresh at a time uses a directory; another directory is another matter", async () => {
  const here = await temporaryDirectory();
  const elsewhere = await temporaryDirectory();
  try {
    const lock = await lockRefreshes(here.path);
    await expect(lockRefreshes(here.path)).rejects.toMatchObject({
      code: "stateLocked",
      message: "another refresh of a Backup Account File is under way",
      retryable: true,
    });
    await (await lockRefreshes(elsewhere.path)).release();
    await lock.release();
    await (await lockRefreshes(here.path)).release();
  } finally {
    await here.remove();
    await elsewhere.remove();
  }
});
