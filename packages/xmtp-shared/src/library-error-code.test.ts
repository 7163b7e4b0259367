import { expect, test } from "vitest";
import { libraryErrorCode } from "./library-error-code.js";

test("the library's code is read where it is one", () => {
  expect(
    libraryErrorCode(
      new Error("[GroupError::SyncFailedToWait] Sync failed to wait: …"),
    ),
  ).toBe("GroupError::SyncFailedToWait");
  for (const error of [
    new Error("GroupError::Sync"),
    new Error("text of a group called [GroupError::SyncFailedToWait] "),
    new Error("[not a code] GroupError::Sync"),
    "[GroupError::Sync] a text",
    undefined,
  ])
    expect(libraryErrorCode(error)).toBeUndefined();
});
