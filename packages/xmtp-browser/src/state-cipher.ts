import { CarryoverError, type RandomBytes } from "@carryover/client";

// One byte of version, 12 of nonce, the ciphertext, 16 of tag.
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes;

/** Encrypts records and opens them again. */
export interface StateCipher {
  seal(record: Uint8Array): Promise<Uint8Array>;
  /** @throws {CarryoverError} `stateUnreadable` */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * AES-256-GCM with a fresh random nonce for every record. The nonce is 96 bits: one key is good for four thousand million
 * records.
 *
 * @param key - may be one that cannot be taken out
 * @param owner - whose records these are; another owner's do not open
 */
export function createStateCipher(
  key: CryptoKey,
  owner: string,
  randomBytes: RandomBytes,
): StateCipher {
  const algorithm = (nonce: Uint8Array) => ({
    name: "AES-GCM",
    iv: nonce as Uint8Array<ArrayBuffer>,
    additionalData: new TextEncoder().encode(
      `\u0001carryover state store\n${owner}`,
    ),
    tagLength: tagBytes * 8,
  });
  return {
    seal: async (record) => {
      const nonce = randomBytes(nonceBytes);
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(
          algorithm(nonce),
          key,
          record as Uint8Array<ArrayBuffer>,
        ),
      );
      const whole = new Uint8Array(headBytes + sealed.length);
      whole[0] = version;
      whole.set(nonce, 1);
      whole.set(sealed, headBytes);
      return whole;
    },
    open: async (sealed) => {
      if (sealed[0] !== version || sealed.length < headBytes + tagBytes)
        throw new CarryoverError(
          "stateUnreadable",
          "the records are cut, or of a version that is not known here",
        );
      try {
        return new Uint8Array(
          await crypto.subtle.decrypt(
            algorithm(sealed.slice(1, headBytes)),
            key,
            sealed.slice(headBytes),
          ),
        );
      } catch (error) {
        throw new CarryoverError(
          "stateUnreadable",
          "the records were altered, or belong to another key or installation",
          { cause: error },
        );
      }
    },
  };
}
