import { describe, expect, it, vi } from "vitest";
import {
  exportCall,
  importCall,
  unlessExportAborted,
} from "./archive-calls.js";

const withCode = (code: string): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

const never = new Promise<never>(() => undefined);

describe("an import", () => {
  it("is waited for as long as it may take, and no longer", async () => {
    await expect(importCall(() => never, { timeoutMs: 20 })).rejects.toEqual(
      withCode("importTimedOut"),
    );
  });

  it("that fails says whether the disk or the batch is why", async () => {
    const failing = (message: string) =>
      importCall(() => Promise.reject(new Error(message)), {
        timeoutMs: 60_000,
      });
    await expect(failing("bad archive")).rejects.toEqual(
      withCode("importFailed"),
    );
    await expect(failing("database or disk is full")).rejects.toEqual(
      withCode("diskError"),
    );
  });
});

describe("an export", () => {
  it("does not begin when it was stopped before", async () => {
    const work = vi.fn(async () => undefined);
    await expect(exportCall(work, AbortSignal.abort())).rejects.toEqual(
      withCode("aborted"),
    );
    expect(work).not.toHaveBeenCalled();
  });

  it("is not waited for any more when it is stopped", async () => {
    const stop = new AbortController();
    const waiting = unlessExportAborted(never, stop.signal);
    stop.abort(new Error("the person went away"));
    await expect(waiting).rejects.toMatchObject({
      code: "aborted",
      cause: { message: "the person went away" },
    });
  });

  it("that ends or fails first says so itself", async () => {
    const { signal } = new AbortController();
    expect(await unlessExportAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(
      exportCall(() => Promise.reject(new Error("no")), signal),
    ).rejects.toEqual(withCode("exportFailed"));
  });
});
