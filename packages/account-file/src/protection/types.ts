import type { AgeIdentity, AgeRecipient } from "@carryover/backup-file";
import type { RepeatableWalletKey, WalletKey } from "./wallet-key.js";

/** How a file that is written is protected. */
export type AccountFileProtection =
  | {
      readonly kind: "passphrase";
      /** At least eight characters, and no weakness that `passphraseWeakness` knows; brought to Unicode form NFC. */
      readonly passphrase: string;
      /** log2 of scrypt's N, 15 to 20; 18 unless told. */
      readonly workFactor?: number | undefined;
    }
  | {
      readonly kind: "walletSignature";
      readonly key: RepeatableWalletKey;
    }
  | {
      readonly kind: "recipients";
      /** `age1…`, or objects of `age-encryption`, such as its `webauthn.WebAuthnRecipient` for a passkey. */
      readonly recipients: readonly AgeRecipient[];
    };

/** What opens a file. */
export type AccountFileSecret =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "walletSignature"; readonly key: WalletKey }
  | {
      readonly kind: "identities";
      /** `AGE-SECRET-KEY-…`, or objects of `age-encryption`, such as its `webauthn.WebAuthnIdentity` for a passkey. */
      readonly identities: readonly AgeIdentity[];
    };

/** What everybody can see of how a file is protected. */
export type PublicProtection =
  | {
      readonly kind: "passphrase";
      /** log2 of scrypt's N. */
      readonly workFactor: number;
    }
  | {
      readonly kind: "walletSignature";
      /** The 32 bytes that the signing text carries, to be signed again. */
      readonly salt: Uint8Array;
    }
  | { readonly kind: "passkey" }
  | {
      readonly kind: "recipients";
      /** The types of the stanzas, as age names them, at most 20 and in their order: `X25519`, … */
      readonly stanzaTypes: readonly string[];
    };
