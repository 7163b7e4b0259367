import { CarryoverError } from "@carryover/client";
import { describe, expect, it } from "vitest";
import { asLibraryError, libraryCall } from "./library-call.js";

describe("libraryCall", () => {
  it("passes on what the library answers", async () => {
    expect(await libraryCall("it failed", async () => 1)).toBe(1);
    expect(await libraryCall("it failed", () => 1)).toBe(1);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("[GroupError::Sync] …"))],
    [
      "throws",
      () => {
        throw new Error("[GroupError::Sync] …");
      },
    ],
  ])("gives the library's error a code when it %s", async (_, work) => {
    await expect(
      libraryCall("it failed", work, { code: "exportFailed" }),
    ).rejects.toMatchObject({
      code: "exportFailed",
      message: "it failed",
      cause: { message: "[GroupError::Sync] …" },
    });
  });

  it.each([
    "[StorageError::DieselResult] database or disk is full",
    "[StorageError::DieselResult] disk I/O error",
    "[StorageError::Connection] No space left on device (os error 28)",
    "[X::Y] attempt to write a readonly database",
    "[X::Y] unable to open database file",
  ])("says of %s that it is the disk, and not the network", async (text) => {
    await expect(
      libraryCall("it failed", () => Promise.reject(new Error(text))),
    ).rejects.toMatchObject({
      code: "diskError",
      message: "it failed",
      cause: { message: text },
    });
  });

  it("leaves an error with a code as it is", async () => {
    const error = new CarryoverError("aborted", "it was stopped");
    await expect(
      libraryCall("it failed", () => Promise.reject(error)),
    ).rejects.toBe(error);
  });

  it("waits no longer than it should", async () => {
    await expect(
      libraryCall("it failed", () => new Promise(() => undefined), {
        timeoutMs: 20,
      }),
    ).rejects.toMatchObject({ code: "networkUnavailable" });
  });

  it("waits for a person as long as they take, and then no longer than it should", async () => {
    let checks = 0;
    const waitsForPerson = () => {
      checks += 1;
      return checks < 3;
    };
    await expect(
      libraryCall("it failed", () => new Promise(() => undefined), {
        timeoutMs: 5,
        waitsForPerson,
      }),
    ).rejects.toMatchObject({ code: "networkUnavailable" });
    expect(checks).toBe(3);
  });

  it("is not troubled by a failure after that", async () => {
    let fail: (error: Error) => void = () => undefined;
    await expect(
      libraryCall(
        "it failed",
        () =>
          new Promise((_, reject) => {
            fail = reject;
          }),
        { timeoutMs: 20 },
      ),
    ).rejects.toMatchObject({ code: "networkUnavailable" });
    fail(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("asLibraryError", () => {
  it("gives what the library throws a code, the disk's where it is the disk", () => {
    const refused = new Error("[DeviceSyncError::IO] refused");
    expect(asLibraryError(refused, "importFailed", "it failed")).toMatchObject({
      code: "importFailed",
      message: "it failed",
      cause: refused,
    });
    expect(
      asLibraryError(
        new Error("[StorageError::Connection] storage error: disk I/O error"),
        "importFailed",
        "it failed",
      ),
    ).toMatchObject({ code: "diskError", message: "it failed" });
    const own = new CarryoverError("importTimedOut", "too long");
    expect(asLibraryError(own, "importFailed", "it failed")).toBe(own);
  });
});
