import { expect } from "vitest";
import { BackupFileError } from "../errors.js";

/** The code of the BackupFileError that a promise is rejected with; anything else fails the test. */
export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return "none";
  if (!(error instanceof BackupFileError))
    throw new Error("this is no BackupFileError", { cause: error });
  expect(error.advice).toMatch(/\.$/);
  return error.code;
};
