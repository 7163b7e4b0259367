import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromHex, hex, utf8 } from "./wire-bytes.js";

const { Point } = ed25519;
const L = Point.Fn.ORDER;
const context = utf8("PUBLIC SIGNATURE CONTEXT");

/** A point of order 8. */
const torsion = Point.fromHex(
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
);

/** All eight points whose order divides the cofactor, as public keys. */
export const smallOrderKeys: readonly Uint8Array[] = Array.from(
  { length: 8 },
  (_, n) => torsion.multiplyUnsafe(BigInt(n)).toBytes(),
);

/** Encodings that decode to a point only where `y` may be at or above the prime, or zero may have a sign. */
export const nonCanonicalKeys: readonly Uint8Array[] = [
  // y = p and p + 1, with either sign
  `ed${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(31)}`,
  `ee${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(31)}`,
  // x = 0 with a sign
  `01${"00".repeat(30)}80`,
  `ec${"ff".repeat(31)}`,
].map(fromHex);

/** Fits every text under a key of small order, where a verifier multiplies by the cofactor. */
export const universalSignature = concat(
  Point.ZERO.toBytes(),
  new Uint8Array(32),
);

/** The Ed25519ph challenge `k` of RFC 8032 §5.1.7. */
function challenge(r: Uint8Array, publicKey: Uint8Array, text: string): bigint {
  const input = concat(
    utf8("SigEd25519 no Ed25519 collisions"),
    Uint8Array.of(1, context.length),
    context,
    r,
    publicKey,
    sha512(utf8(text)),
  );
  return fromLittleEndian(sha512(input)) % L;
}

const fromLittleEndian = (bytes: Uint8Array) =>
  BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

const toLittleEndian = (value: bigint) =>
  fromHex(value.toString(16).padStart(64, "0")).reverse();

/**
 * Signs under a key, or with a nonce point, that has a component of small order: valid where a verifier multiplies by
 * the cofactor, and mostly not where it does not.
 */
export function signWithTorsion(
  text: string,
  where: "key" | "nonce",
): { publicKey: Uint8Array; signature: Uint8Array } {
  const { scalar, point } = ed25519.utils.getExtendedPublicKey(
    new Uint8Array(32).fill(9),
  );
  const publicKey = (where === "key" ? point.add(torsion) : point).toBytes();
  const nonce = 123_456_789n;
  const noncePoint = Point.BASE.multiply(nonce);
  const r = (
    where === "nonce" ? noncePoint.add(torsion) : noncePoint
  ).toBytes();
  const s = (nonce + challenge(r, publicKey, text) * scalar) % L;
  return { publicKey, signature: concat(r, toLittleEndian(s)) };
}

/** The same signature with the group order added to its scalar: valid where the scalar is not checked. */
export function addGroupOrder(signature: Uint8Array): Uint8Array {
  const s = fromLittleEndian(signature.subarray(32));
  return concat(signature.subarray(0, 32), toLittleEndian(s + L));
}

/** How a verifier decides that follows ZIP-215: every key and point that can be read, with the cofactor. */
export const permissiveVerify = (
  text: string,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean =>
  ed25519ph.verify(signature, utf8(text), publicKey, { context, zip215: true });
