import { describe, expect, it } from "vitest";
import { BackupFileError } from "./errors.js";

describe("BackupFileError", () => {
  it("carries code, cause, whether trying again can help, and advice", () => {
    const cause = new Error("below");
    const error = new BackupFileError(
      "fileTruncated",
      "the age header is cut",
      cause,
    );
    expect(error).toMatchObject({
      name: "BackupFileError",
      code: "fileTruncated",
      message: "the age header is cut",
      retryable: true,
      cause,
    });
    expect(error.advice).toContain("again");
    expect(new BackupFileError("countMismatch", "x").retryable).toBe(false);
    expect("cause" in new BackupFileError("countMismatch", "x")).toBe(false);
  });
});
