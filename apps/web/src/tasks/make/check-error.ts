/** The person showed another file than the one that was just made. */
export class AnotherFileError extends Error {
  override readonly name = "AnotherFileError";
  readonly code = "anotherFile";
  readonly retryable = true;
  readonly advice =
    "Choose the file that you just saved. The one that you showed was not changed.";

  constructor() {
    super("this is another file than the one that was just made");
  }
}
