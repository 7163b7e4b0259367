import { AccountFileError } from "../errors.js";

/** What a promise is rejected with; `undefined` if it is not. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** The code of the AccountFileError that a promise is rejected with; anything else fails the test. */
export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await failureOf(promise);
  if (error === undefined) return "none";
  if (!(error instanceof AccountFileError))
    throw new Error("this is no AccountFileError", { cause: error });
  return error.code;
};
