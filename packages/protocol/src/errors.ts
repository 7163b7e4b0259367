/** What can be wrong with bytes that claim to be a XIP-31 message. */
export type ProtocolErrorCode =
  | "tooLarge"
  | "malformed"
  | "unknownContents"
  | "missingField"
  | "invalidField"
  | "badSignature";

const advice: Record<ProtocolErrorCode, string> = {
  tooLarge: "Ignore the message: no app sends one of this size.",
  malformed: "Ignore the message, or update the app that sent it.",
  unknownContents:
    "Update this app: the message is of a kind that it does not know.",
  missingField: "Ignore the message, or update the app that sent it.",
  invalidField: "Ignore the message, or update the app that sent it.",
  badSignature:
    "Ignore the message: it was altered, or was not written by the installation that it names.",
};

/**
 * Thrown for every input that is not a well-formed XIP-31 message. Branch on `code`; `message` names the field, never
 * its content.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;
  /** The same bytes never become valid. */
  readonly retryable = false;
  /** One line for a person. */
  readonly advice: string;

  constructor(
    code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.advice = advice[code];
  }
}
