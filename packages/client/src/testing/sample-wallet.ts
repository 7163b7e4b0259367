import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "../hex.js";
import type { AccountSigner } from "../ports/dormant-installations.js";

/** A wallet that signs as EIP-191 says, without any of the product's code. */
export interface SampleWallet {
  signer: AccountSigner;
  /** Every text that it was asked to sign. */
  texts: string[];
  /** Signs the same text differently every time, as some hardware does. */
  entropy: "none" | "random";
  /** Throws what a person's "no" does. */
  ask: () => void;
}

/** A wallet whose key is 32 times the same byte. */
export function sampleWallet(seed: number): SampleWallet {
  const secretKey = new Uint8Array(32).fill(seed);
  const publicKey = secp256k1.getPublicKey(secretKey, false);
  const address = `0x${toHex(keccak_256(publicKey.subarray(1)).subarray(12))}`;
  const wallet: SampleWallet = {
    texts: [],
    entropy: "none",
    ask: () => undefined,
    signer: {
      type: "EOA",
      getIdentifier: () => ({ identifier: address, identifierKind: 0 }),
      signMessage: (message) => {
        wallet.texts.push(message);
        wallet.ask();
        const bytes = new TextEncoder().encode(message);
        const prefix = `\u0019Ethereum Signed Message:\n${bytes.length}`;
        const digest = keccak_256(
          Uint8Array.of(...new TextEncoder().encode(prefix), ...bytes),
        );
        const signature = secp256k1.sign(digest, secretKey, {
          prehash: false,
          format: "recovered",
          extraEntropy: wallet.entropy === "random",
        });
        return Uint8Array.of(
          ...signature.subarray(1),
          27 + (signature[0] ?? 0),
        );
      },
    },
  };
  return wallet;
}
