import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Aead } from "@carryover/backup-file";

const TAG_BYTES = 16;

/** ChaCha20-Poly1305 or AES-256-GCM by OpenSSL. */
export const createNodeAead = (
  algorithm: "chacha20-poly1305" | "aes-256-gcm",
): Aead => ({
  seal(key, nonce, plaintext) {
    const cipher =
      algorithm === "aes-256-gcm"
        ? createCipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES })
        : createCipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES });
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  open(key, nonce, sealed) {
    const length = sealed.length - TAG_BYTES;
    if (length < 0) return undefined;
    const decipher =
      algorithm === "aes-256-gcm"
        ? createDecipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES })
        : createDecipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(length));
    const buffer = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // OpenSSL's only way to say that the tag is wrong.
      return undefined;
    }
    // Views of a Buffer are Buffers, which cost several times what plain views do.
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  },
});
