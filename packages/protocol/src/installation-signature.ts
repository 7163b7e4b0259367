import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import { type InstallationId, installationIdToBytes } from "./ids.js";

const utf8 = new TextEncoder();

/** The context with which XMTP installations sign on behalf of apps (Ed25519ph, RFC 8032 §5.1). */
const signatureContext = utf8.encode("PUBLIC SIGNATURE CONTEXT");

/**
 * Verifies a text signed with an XMTP installation key, without the SDK. Stricter than the SDK's own check, which
 * accepts a key of small order with a signature that fits every text.
 *
 * @param signature - 64 bytes
 * @returns false for anything else, malformed keys and signatures included
 */
export function verifyInstallationSignature(
  text: string,
  signature: Uint8Array,
  installationId: InstallationId,
): boolean {
  const publicKey = installationIdToBytes(installationId);
  return (
    signature.length === 64 &&
    isPrimeOrderPoint(publicKey) &&
    isPrimeOrderPoint(signature.subarray(0, 32)) &&
    ed25519ph.verify(signature, utf8.encode(text), publicKey, {
      context: signatureContext,
      zip215: false,
    })
  );
}

/**
 * True for the canonical encoding of a point of the prime-order subgroup, other than zero. Every key and signature made
 * by RFC 8032 passes; without points of any other order, verifiers that multiply by the cofactor and those that do not
 * come to the same answer.
 */
function isPrimeOrderPoint(bytes: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(bytes, false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}
