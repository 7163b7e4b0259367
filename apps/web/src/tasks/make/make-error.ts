/** What can go wrong around making a file that Carryover itself knows nothing of. */
export type MakeErrorCode = "anotherFile" | "noteMissing";

const meanings: Record<MakeErrorCode, { message: string; advice: string }> = {
  anotherFile: {
    message: "this is another file than the one that was just made",
    advice:
      "Choose the file that you just saved. The one that you showed was not changed.",
  },
  noteMissing: {
    message: "this browser has no note any more of whose installation it is",
    advice:
      "It may be revoked already. If it is not, revoke it by its number in an app of yours that lists installations, or with the command.",
  },
};

/** Thrown while a file is made. Holds nothing secret. */
export class MakeError extends Error {
  override readonly name = "MakeError";
  readonly code: MakeErrorCode;
  readonly retryable = true;
  /** One line for a person. */
  readonly advice: string;

  constructor(code: MakeErrorCode) {
    super(meanings[code].message);
    this.code = code;
    this.advice = meanings[code].advice;
  }
}
