import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** An Ethereum key in this process: what a wallet app holds for a person. */
export interface WalletKey {
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** `0x` and 40 lower-case hex digits. */
  readonly address: string;
}

/** Draws a new key. */
export function createWalletKey(): WalletKey {
  return walletKeyFrom(secp256k1.utils.randomSecretKey());
}

/** @throws {RangeError} when it is not a secp256k1 private key */
export function walletKeyFrom(privateKey: Uint8Array): WalletKey {
  if (!secp256k1.utils.isValidSecretKey(privateKey))
    throw new RangeError("not a secp256k1 private key");
  const publicKey = secp256k1.getPublicKey(privateKey, false).slice(1);
  return {
    privateKey,
    address: `0x${bytesToHex(keccak_256(publicKey).slice(-20))}`,
  };
}

/**
 * Signs a text as wallets do: `personal_sign`, ERC-191 version 0x45.
 *
 * @returns r, s, v: 65 bytes
 */
export function personalSign(key: WalletKey, text: string): Uint8Array {
  const bytes = utf8ToBytes(text);
  const digest = keccak_256(
    concatBytes(
      utf8ToBytes(`\u0019Ethereum Signed Message:\n${bytes.length}`),
      bytes,
    ),
  );
  const signature = secp256k1.sign(digest, key.privateKey, {
    prehash: false,
    format: "recovered",
  });
  const recovery = signature[0] ?? 0;
  return concatBytes(signature.slice(1), Uint8Array.of(27 + recovery));
}
