/** Everything that can go wrong in the local network outside of a call. */
export type LocalNetworkErrorCode =
  | "malformedMls"
  | "portInUse"
  | "cannotListen"
  | "directoryInUse"
  | "corruptLog"
  | "storageFailed";

const advice: Record<LocalNetworkErrorCode, string> = {
  malformedMls:
    "The bytes are not what an MLS client sends. Report this to whoever made them.",
  portInUse: "Another program uses the port. Stop it, or choose another port.",
  cannotListen: "Check the host and port that the local network was given.",
  directoryInUse:
    "Another local network uses this directory. Stop it, or choose another directory. If none runs, delete the file `lock` in it.",
  corruptLog:
    "The stored network is damaged in the middle. Choose another directory, or restore this one from a copy.",
  storageFailed:
    "Check that the directory is there, can be written, and has space left.",
};

const retryable: ReadonlySet<LocalNetworkErrorCode> = new Set([
  "portInUse",
  "directoryInUse",
  "storageFailed",
]);

/** The one error class of this package. Branch on `code`. */
export class LocalNetworkError extends Error {
  override readonly name = "LocalNetworkError";
  readonly code: LocalNetworkErrorCode;

  constructor(
    code: LocalNetworkErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same call can succeed later without a change. */
  get retryable(): boolean {
    return retryable.has(this.code);
  }

  /** One line for a person: what to do next. */
  get advice(): string {
    return advice[this.code];
  }
}
