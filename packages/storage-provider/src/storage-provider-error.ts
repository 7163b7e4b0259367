/** One row of the problem table: what a code means over HTTP and to a person. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly advice: string;
}

const fresh =
  "Ask the app that wants the backup to send a new request: its upload address can no longer be used.";
const report =
  "Update the app; if it goes on, tell its makers: it sent something the storage provider does not accept.";
const later = "Wait a little and try again.";
const operator = "Tell the operator of the storage provider.";

/** Every problem the service answers with, by code. The table of `docs/spec/storage-api.md`. */
export const problemKinds = {
  "body-malformed": {
    status: 400,
    title: "The request body is not what this endpoint takes",
    retryable: false,
    advice: report,
  },
  "file-missing": {
    status: 400,
    title: "The body holds no file",
    retryable: true,
    advice: "Send the file again: the upload address is still good.",
  },
  "file-repeated": {
    status: 400,
    title: "The body holds more than one part",
    retryable: false,
    advice: report,
  },
  "request-malformed": {
    status: 400,
    title: "The request cannot be read",
    retryable: false,
    advice: report,
  },
  "ticket-missing": {
    status: 401,
    title: "The upload address carries no ticket",
    retryable: false,
    advice: fresh,
  },
  "ticket-invalid": {
    status: 401,
    title: "The upload ticket was not issued here",
    retryable: false,
    advice: fresh,
  },
  "ticket-expired": {
    status: 403,
    title: "The upload ticket has expired",
    retryable: false,
    advice: fresh,
  },
  "credentials-missing": {
    status: 401,
    title: "This storage provider asks for credentials",
    retryable: false,
    advice: "Give the app the API key that the operator issued.",
  },
  "credentials-invalid": {
    status: 403,
    title: "The credentials are not accepted",
    retryable: false,
    advice: "Check the API key with the operator of the storage provider.",
  },
  "proof-missing": {
    status: 401,
    title: "This storage provider asks for proof of an XMTP installation",
    retryable: false,
    advice:
      "Use an app that can prove its installation to the storage provider.",
  },
  "proof-invalid": {
    status: 403,
    title: "The proof of an XMTP installation is not accepted",
    retryable: true,
    advice:
      "Try again; if it goes on, check that this installation was not revoked.",
  },
  "receipt-missing": {
    status: 401,
    title: "Deleting asks for the receipt key",
    retryable: false,
    advice: "Only the app that asked for the backup can delete it.",
  },
  "receipt-invalid": {
    status: 403,
    title: "The receipt key is not the one of this backup",
    retryable: false,
    advice: "Only the app that asked for the backup can delete it.",
  },
  "not-found": {
    status: 404,
    title: "There is nothing here",
    retryable: false,
    advice:
      "The backup was deleted or is past its time: ask for it again from the app.",
  },
  timeout: {
    status: 408,
    title: "The request arrived too slowly",
    retryable: true,
    advice: "Try again on a better connection.",
  },
  used: {
    status: 409,
    title: "The upload ticket has been used",
    retryable: false,
    advice: "Nothing to do: the upload had already finished.",
  },
  withdrawn: {
    status: 409,
    title: "The upload ticket was withdrawn",
    retryable: false,
    advice: fresh,
  },
  "precondition-failed": {
    status: 412,
    title: "The file is not the one that was asked for",
    retryable: false,
    advice: "Start the download again from the beginning.",
  },
  "too-large": {
    status: 413,
    title: "The body is larger than allowed",
    retryable: false,
    advice:
      "Move less history at once, or use a storage provider with a higher limit.",
  },
  "media-type": {
    status: 415,
    title: "The body is of a kind that this endpoint does not take",
    retryable: false,
    advice: report,
  },
  "range-unsatisfiable": {
    status: 416,
    title: "The range lies outside the file",
    retryable: false,
    advice: "Start the download again from the beginning.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    retryable: true,
    advice: later,
  },
  "headers-too-large": {
    status: 431,
    title: "The request headers are too large",
    retryable: false,
    advice: report,
  },
  internal: {
    status: 500,
    title: "The storage provider failed",
    retryable: true,
    advice: `${later} If it goes on: ${operator.toLowerCase()}`,
  },
  unavailable: {
    status: 503,
    title: "The storage provider cannot answer now",
    retryable: true,
    advice: later,
  },
  full: {
    status: 507,
    title: "The storage provider has no space left",
    retryable: true,
    advice: `Try again later, or with less history. ${operator}`,
  },
  "settings-invalid": {
    status: 500,
    title: "The settings are not valid",
    retryable: false,
    advice: "Correct the setting that the message names and start again.",
  },
  "directory-unusable": {
    status: 500,
    title: "The storage directory cannot be used",
    retryable: false,
    advice:
      "Give a directory on a local file system with hard links that this user may write and no other instance uses.",
  },
} as const satisfies Record<string, ProblemKind>;

/** What went wrong. Closed: branch on this, never on text. */
export type StorageProviderErrorCode = keyof typeof problemKinds;

/** Extension members of a problem document (RFC 9457 section 3.2). */
export type ProblemMembers = Readonly<
  Record<string, string | number | undefined>
>;

/**
 * The one error of this package: an answer to a client (every code but the last two of the table), or why the service
 * cannot start. It never carries an id, ticket, key or address.
 */
export class StorageProviderError extends Error {
  override readonly name = "StorageProviderError";
  readonly code: StorageProviderErrorCode;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** One line for a person: what to do now. */
  readonly advice: string;
  /** Extension members of the problem document. */
  readonly members: ProblemMembers;
  /** Seconds, for `Retry-After`; only where waiting helps. */
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param code what went wrong
   * @param detail this occurrence: lower case, no full stop, no secrets
   * @param options the cause, members for the problem document, seconds to wait
   */
  constructor(
    code: StorageProviderErrorCode,
    detail: string,
    options: {
      readonly cause?: unknown;
      readonly members?: ProblemMembers;
      readonly retryAfterSeconds?: number;
    } = {},
  ) {
    super(
      detail,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    const kind = problemKinds[code];
    this.code = code;
    this.status = kind.status;
    this.retryable = kind.retryable;
    this.advice = kind.advice;
    this.members = options.members ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
