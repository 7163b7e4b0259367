import { bech32 } from "@scure/base";

/** The key types of age v1 that are made for one request or one file: bech32 prefix and bytes of the key. */
const recipientBytes: Readonly<Record<string, number>> = {
  // X25519
  age: 32,
  // ML-KEM-768 with X25519
  age1pq: 1216,
};

const identityBytes: Readonly<Record<string, number>> = {
  "age-secret-key-": 32,
  "age-secret-key-pq-": 32,
};

const maxKeyChars = 2_048;

/** True for the text of an age recipient, `age1…` or the hybrid `age1pq1…`, with a good checksum. */
export function isAgeRecipient(text: string): boolean {
  return text === text.toLowerCase() && isKey(text, recipientBytes);
}

/** True for the text of an age identity, `AGE-SECRET-KEY-1…` or the hybrid `AGE-SECRET-KEY-PQ-1…`. */
export function isAgeIdentity(text: string): boolean {
  return text === text.toUpperCase() && isKey(text, identityBytes);
}

function isKey(
  text: string,
  bytesByPrefix: Readonly<Record<string, number>>,
): boolean {
  if (text.length > maxKeyChars) return false;
  // age keys are longer than the 90 characters that bech32 was made for.
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined || !Object.hasOwn(bytesByPrefix, decoded.prefix))
    return false;
  return (
    bech32.fromWordsUnsafe(decoded.words)?.length ===
    bytesByPrefix[decoded.prefix]
  );
}
