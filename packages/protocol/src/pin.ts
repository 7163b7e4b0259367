import { ProtocolError } from "./errors.js";

declare const brand: unique symbol;

/**
 * The Verification PIN of a request (XIP-31 `verification_pin`): four decimal digits, kept as text because `0042` is a
 * PIN. It is shown on both screens so that a person approves the request that they made.
 */
export type VerificationPin = string & { readonly [brand]: "VerificationPin" };

const pinCount = 10_000;

/**
 * Draws a PIN, each of the 10,000 equally likely.
 *
 * @param randomBytes - a cryptographic source of random bytes
 */
export function createVerificationPin(
  randomBytes: (length: number) => Uint8Array,
): VerificationPin {
  // A draw at or above the largest multiple of 10,000 below 2^32 would favour the low PINs: draw again.
  const unbiased = Math.floor(2 ** 32 / pinCount) * pinCount;
  for (;;) {
    const draw = new DataView(Uint8Array.from(randomBytes(4)).buffer).getUint32(
      0,
    );
    if (draw < unbiased) return formatPin(draw % pinCount);
  }
}

const formatPin = (value: number) =>
  value.toString().padStart(4, "0") as VerificationPin;

/**
 * Reads the number that travels in `verification_pin`.
 *
 * @throws {ProtocolError} `invalidField` when outside 0 to 9999
 */
export function pinFromNumber(
  value: number,
  path = "verificationPin",
): VerificationPin {
  if (!Number.isInteger(value) || value < 0 || value >= pinCount)
    throw new ProtocolError("invalidField", `${path}: not a four-digit PIN`);
  return formatPin(value);
}

/** The number that travels in `verification_pin`. */
export function pinToNumber(pin: VerificationPin): number {
  return Number(pin);
}

/**
 * Reads what a person typed. Spaces and dashes do not count.
 *
 * @returns the PIN, or `undefined` when it is not four digits
 */
export function parseTypedPin(typed: string): VerificationPin | undefined {
  const digits = typed.replace(/[\s-]/g, "");
  return /^[0-9]{4}$/.test(digits) ? (digits as VerificationPin) : undefined;
}
