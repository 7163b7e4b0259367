import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { AccountFileError } from "../errors.js";

const SIGNATURE_BYTES = 65;
/** r, and s with the parity in its top bit (EIP-2098). */
const COMPACT_BYTES = 64;
const utf8 = new TextEncoder();

const invalid = (message: string): AccountFileError =>
  new AccountFileError("walletSignatureInvalid", message);

const toBytes = (signature: string | Uint8Array): Uint8Array => {
  if (typeof signature !== "string") return signature;
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(signature))
    throw invalid("signature: expected 0x and hex digits");
  return hexToBytes(signature.slice(2));
};

/** What `personal_sign` hashes (EIP-191, version `E`). */
const personalMessageHash = (text: string): Uint8Array => {
  const message = utf8.encode(text);
  return keccak_256(
    concatBytes(
      utf8.encode(`\x19Ethereum Signed Message:\n${message.length}`),
      message,
    ),
  );
};

const recoverAddress = (
  rs: Uint8Array,
  parity: number,
  text: string,
): string => {
  const publicKey = secp256k1.Signature.fromBytes(rs, "compact")
    .addRecoveryBit(parity)
    .recoverPublicKey(personalMessageHash(text))
    .toBytes(false);
  return `0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(12))}`;
};

/** `r`, `s` and the parity of the point, from any of the forms that wallets give. */
const split = (bytes: Uint8Array): { rs: Uint8Array; parity: number } => {
  if (bytes.length > SIGNATURE_BYTES)
    throw new AccountFileError(
      "walletIsContract",
      `signature: expected ${SIGNATURE_BYTES} bytes, got ${bytes.length}`,
    );
  const rs = bytes.slice(0, COMPACT_BYTES);
  if (bytes.length === COMPACT_BYTES) {
    const top = rs[32] ?? 0;
    rs[32] = top & 0x7f;
    return { rs, parity: top >> 7 };
  }
  if (bytes.length !== SIGNATURE_BYTES)
    throw invalid(
      `signature: expected ${SIGNATURE_BYTES} or ${COMPACT_BYTES} bytes, got ${bytes.length}`,
    );
  const v = bytes[COMPACT_BYTES] ?? 0;
  const parity = v >= 27 ? v - 27 : v;
  if (parity > 1) throw invalid("signature.v: expected 0, 1, 27 or 28");
  return { rs, parity };
};

/**
 * Brings a `personal_sign` signature to one form and checks whose it is. Taken are 65 bytes with `v` 0, 1, 27 or 28, and
 * the 64 bytes of EIP-2098; a high `s` becomes the low one. All of them say the same, so they become the same bytes.
 *
 * @param signature `0x` and hex digits, or bytes
 * @param address in lower case
 * @returns `r` and the low `s`, 64 bytes
 * @throws AccountFileError `walletSignatureInvalid`, `walletIsContract`, `walletSignatureMismatch`
 */
export const canonicalSignature = (
  signature: string | Uint8Array,
  text: string,
  address: string,
): Uint8Array => {
  const { rs, parity } = split(toBytes(signature));
  let signer: string;
  let canonical = rs;
  try {
    const parsed = secp256k1.Signature.fromBytes(rs, "compact");
    signer = recoverAddress(rs, parity, text);
    if (parsed.hasHighS()) {
      const low = secp256k1.Point.Fn.neg(parsed.s);
      canonical = new secp256k1.Signature(parsed.r, low).toBytes("compact");
    }
  } catch {
    // The cause is left out: a library may quote the signature, which is a secret here.
    throw invalid("signature: it is no point on the curve");
  }
  if (signer !== address)
    throw new AccountFileError(
      "walletSignatureMismatch",
      "signature: it is by another account, or over another text",
    );
  return canonical;
};
