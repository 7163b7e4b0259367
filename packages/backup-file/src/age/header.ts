import {
  Decrypter,
  Encrypter,
  type Identity,
  type Recipient,
} from "age-encryption";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { ByteQueue } from "../bytes/byte-queue.js";
import { BackupFileError } from "../errors.js";

/** A public key to encrypt to: `age1…`, `age1pq1…` (post-quantum hybrid), or an object of `age-encryption`. */
export type AgeRecipient = string | Recipient;
/** A secret key: `AGE-SECRET-KEY-1…`, `AGE-SECRET-KEY-PQ-1…`, or an object of `age-encryption`. */
export type AgeIdentity = string | Identity;

/** The first line of every age v1 file. */
export const ageIntro = "age-encryption.org/v1\n";

const NONCE_BYTES = 16;
const TAG_BYTES = 16;

/** The key of the payload: HKDF-SHA-256 of the file key, salted with the payload nonce (age v1, "Payload"). */
export const payloadKey = (
  fileKey: Uint8Array,
  nonce: Uint8Array,
): Uint8Array =>
  hkdf(sha256, fileKey, nonce, new TextEncoder().encode("payload"), 32);

/**
 * Makes an age header for the recipients.
 *
 * @returns the header's bytes and the file key that it wraps
 * @throws BackupFileError `recipientInvalid`
 */
export const createAgeHeader = async (
  recipients: readonly AgeRecipient[],
): Promise<{ header: Uint8Array; fileKey: Uint8Array }> => {
  if (recipients.length === 0)
    throw new BackupFileError("recipientInvalid", "there is no recipient");
  const encrypter = new Encrypter();
  let fileKey: Uint8Array | undefined;
  try {
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    // `age-encryption` makes header and payload in one go. A recipient without a stanza sees the file key, so that
    // the payload can be made by the platform's cipher instead.
    encrypter.addRecipient({
      wrapFileKey(key) {
        fileKey = key.slice();
        return [];
      },
    });
    const empty = await encrypter.encrypt(new Uint8Array(0));
    if (fileKey === undefined) throw new Error("no file key");
    return {
      header: empty.slice(0, empty.length - NONCE_BYTES - TAG_BYTES),
      fileKey,
    };
  } catch (cause) {
    throw new BackupFileError(
      "recipientInvalid",
      "an age recipient is malformed",
      cause,
    );
  }
};

/** A decrypter that knows the identities. @throws BackupFileError `identityInvalid` */
export const createAgeDecrypter = (
  identities: readonly AgeIdentity[],
): Decrypter => {
  if (identities.length === 0)
    throw new BackupFileError("identityInvalid", "there is no identity");
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch {
    // The cause is left out: a library may quote the secret that it could not read.
    throw new BackupFileError(
      "identityInvalid",
      "an age identity is malformed",
    );
  }
  return decrypter;
};

const startsLikeAge = (queue: ByteQueue): boolean => {
  const shared = Math.min(queue.length, ageIntro.length);
  for (let i = 0; i < shared; i += 1)
    if (queue.at(i) !== ageIntro.charCodeAt(i)) return false;
  return true;
};

/** Finds where the age header in the queue ends: after the line that begins with `---`. Scans each byte once. */
export const createHeaderScanner = (maxBytes: number) => {
  let at = 0;
  let lineStart = 0;
  return (queue: ByteQueue): number | undefined => {
    if (!startsLikeAge(queue))
      throw new BackupFileError("formatUnknown", "this is not an age file");
    for (; at < queue.length; at += 1) {
      if (at >= maxBytes)
        throw new BackupFileError(
          "ageHeaderInvalid",
          `age header is longer than ${maxBytes} bytes`,
        );
      if (queue.at(at) !== 10) continue;
      const last =
        at - lineStart >= 3 &&
        queue.at(lineStart) === 45 &&
        queue.at(lineStart + 1) === 45 &&
        queue.at(lineStart + 2) === 45;
      lineStart = at + 1;
      if (last) return at + 1;
    }
    return undefined;
  };
};

/**
 * Opens an age header.
 *
 * @returns the file key
 * @throws BackupFileError `identityMismatch`, `ageHeaderInvalid`
 */
export const openAgeHeader = async (
  header: Uint8Array,
  decrypter: Decrypter,
): Promise<Uint8Array> => {
  try {
    return await decrypter.decryptHeader(header);
  } catch (cause) {
    // The library has no codes, so its one sentence for this case is compared.
    const mismatch =
      cause instanceof Error && cause.message.includes("no identity matched");
    throw mismatch
      ? new BackupFileError(
          "identityMismatch",
          "no identity matches a recipient of the file",
        )
      : new BackupFileError(
          "ageHeaderInvalid",
          "age header is malformed",
          cause,
        );
  }
};
