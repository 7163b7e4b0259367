import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { identityToRecipient } from "age-encryption";
import { AccountFileError } from "../errors.js";
import { canonicalSignature } from "./wallet-signature.js";
import {
  parseAddress,
  walletSigningText,
  type WalletSigningText,
} from "./wallet-text.js";

declare const repeatable: unique symbol;

/** What a wallet's signature gives: an age key pair. `identity` is as secret as the signature. */
export interface WalletKey {
  /** The account that signed, in lower case. */
  readonly address: string;
  /** The salt in the text that it signed, 32 bytes. */
  readonly salt: Uint8Array;
  /** `AGE-SECRET-KEY-1…` */
  readonly identity: string;
  /** `age1…` */
  readonly recipient: string;
}

/** A key that its wallet is known to give again: only such a one may protect a file. */
export type RepeatableWalletKey = WalletKey & { readonly [repeatable]: true };

const HKDF_INFO = new TextEncoder().encode(
  "carryover/wallet-signature 1 X25519",
);

/**
 * The key for opening a file, from one signature over {@link walletSigningText} with the file's salt.
 *
 * @param options.signature `0x` and hex digits, or bytes
 * @throws AccountFileError `walletInputInvalid`, `walletSignatureInvalid`, `walletIsContract`,
 *   `walletSignatureMismatch`
 */
export const keyFromWalletSignature = async (
  options: WalletSigningText & { readonly signature: string | Uint8Array },
): Promise<WalletKey> => {
  const address = parseAddress(options.address);
  const salt = options.salt.slice();
  const canonical = canonicalSignature(
    options.signature,
    walletSigningText({ address, salt }),
    address,
  );
  const scalar = hkdf(sha256, canonical, salt, HKDF_INFO, 32);
  const identity = bech32
    .encodeFromBytes("AGE-SECRET-KEY-", scalar)
    .toUpperCase();
  canonical.fill(0);
  scalar.fill(0);
  return {
    address,
    salt,
    identity,
    recipient: await identityToRecipient(identity),
  };
};

/**
 * The key for protecting a new file. It takes two signatures over the same text, asked of the wallet one after the
 * other: a wallet whose signatures differ could never open the file again.
 *
 * @throws AccountFileError `walletNotDeterministic`, and what {@link keyFromWalletSignature} throws
 */
export const newKeyFromWalletSignatures = async (
  options: WalletSigningText & {
    readonly signatures: readonly [string | Uint8Array, string | Uint8Array];
  },
): Promise<RepeatableWalletKey> => {
  const { address, salt } = options;
  const [first, second] = options.signatures;
  const key = await keyFromWalletSignature({ address, salt, signature: first });
  const again = await keyFromWalletSignature({
    address,
    salt,
    signature: second,
  });
  if (key.identity !== again.identity)
    throw new AccountFileError(
      "walletNotDeterministic",
      "signatures: two over the same text differ",
    );
  return asRepeatable(key);
};

/** For a key that has just been repeated, by a second signature or by opening its file. */
export const asRepeatable = (key: WalletKey): RepeatableWalletKey =>
  key as RepeatableWalletKey;
