import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import { CarryoverError } from "@carryover/client";

// One byte of version, 12 of nonce, the ciphertext, 16 of tag.
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes;

/** Encrypts records and opens them again. */
export interface StateCipher {
  seal(record: Uint8Array): Uint8Array;
  /** @throws {CarryoverError} `stateUnreadable` */
  open(sealed: Uint8Array): Uint8Array;
}

/**
 * AES-256-GCM with a fresh random nonce for every record. The nonce is 96 bits: one key is good for four thousand million
 * records.
 *
 * @param appKey - 32 bytes, the app's own; what encrypts is derived from it
 * @param owner - whose records these are; another owner's do not open
 */
export function createStateCipher(
  appKey: Uint8Array,
  owner: string,
): StateCipher {
  const key = Buffer.from(
    hkdfSync("sha256", appKey, "", "carryover state store v1", 32),
  );
  const additionalData = Buffer.concat([
    Uint8Array.of(version),
    Buffer.from(`carryover state store\n${owner}`),
  ]);
  return {
    seal: (record) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(additionalData);
      return Buffer.concat([
        Uint8Array.of(version),
        nonce,
        cipher.update(record),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
    },
    open: (sealed) => {
      if (sealed[0] !== version || sealed.length < headBytes + tagBytes)
        throw new CarryoverError(
          "stateUnreadable",
          "the records are cut, or of a version that is not known here",
        );
      const decipher = createDecipheriv(
        "aes-256-gcm",
        key,
        sealed.subarray(1, headBytes),
        { authTagLength: tagBytes },
      );
      decipher.setAAD(additionalData);
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      try {
        return new Uint8Array(
          Buffer.concat([
            decipher.update(sealed.subarray(headBytes, -tagBytes)),
            decipher.final(),
          ]),
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
