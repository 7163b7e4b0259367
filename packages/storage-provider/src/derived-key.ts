import { hkdfSync } from "node:crypto";
import { StorageProviderError } from "./storage-provider-error.js";

/** Shortest secret that keys are derived from, in bytes. */
export const minSecretBytes = 32;

/**
 * @param secret at least 32 random bytes
 * @param purpose a word: keys of different purposes tell nothing of each other
 * @returns 32 bytes
 * @throws StorageProviderError `settings-invalid` when the secret is too short
 */
export function deriveKey(secret: Uint8Array, purpose: string): Buffer {
  if (secret.byteLength < minSecretBytes) {
    throw new StorageProviderError(
      "settings-invalid",
      `ticketSecret: expected at least ${minSecretBytes} bytes, got ${secret.byteLength}`,
    );
  }
  const info = `carryover-storage-provider v1 ${purpose}`;
  return Buffer.from(hkdfSync("sha256", secret, "", info, 32));
}
