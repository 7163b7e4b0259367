import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { crc32 } from "./crc32.js";
import type { Aead, BackupFilePorts, ByteTransform } from "./ports.js";

type Cipher = (
  key: Uint8Array,
  nonce: Uint8Array,
) => {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array;
};

const aead = (cipher: Cipher): Aead => ({
  seal: (key, nonce, plaintext) => cipher(key, nonce).encrypt(plaintext),
  open(key, nonce, sealed) {
    if (sealed.length < 16) return undefined;
    try {
      return cipher(key, nonce).decrypt(sealed);
    } catch {
      // The library's only way to say that the tag is wrong.
      return undefined;
    }
  },
});

/** Pumps an iterable through a platform transform stream. */
const through =
  (
    create: () => {
      readable: ReadableStream<Uint8Array>;
      writable: { getWriter(): unknown };
    },
  ): ByteTransform =>
  (source) => ({
    async *[Symbol.asyncIterator]() {
      const { readable, writable } = create();
      // Typed as a stream of any buffer source by some platforms, of bytes by others.
      const writer =
        writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>;
      let sourceFailure: { error: unknown } | undefined;
      const pump = (async () => {
        const iterator: AsyncIterator<Uint8Array, unknown> =
          source[Symbol.asyncIterator]();
        try {
          for (;;) {
            const step = await iterator.next().catch((error: unknown) => {
              sourceFailure = { error };
              throw error;
            });
            if (step.done === true) break;
            await writer.ready;
            await writer.write(step.value);
          }
          await writer.close();
        } catch (error) {
          await writer.abort(error).catch(() => undefined);
          await iterator.return?.();
        }
      })();
      const reader = readable.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          yield value;
        }
      } catch (error) {
        // The source's own error says more than the transform's, which follows from it.
        if (sourceFailure !== undefined) throw sourceFailure.error;
        throw error;
      } finally {
        // Ends the pump too, as soon as its source gives it something to write. A stalled source is not waited for.
        await reader.cancel().catch(() => undefined);
        void pump;
      }
    },
  });

/**
 * Ports that run wherever JavaScript does: `@noble/ciphers`, `@noble/hashes`, `CompressionStream` and
 * `DecompressionStream`.
 *
 * `DecompressionStream` of Node 20 passes over bytes after the end of deflate data, against its standard. In Node, use
 * the ports of `@carryover/xmtp-node`, which are several times faster too.
 */
export const createPortablePorts = (): BackupFilePorts => ({
  chaCha20Poly1305: aead((key, nonce) => chacha20poly1305(key, nonce)),
  aes256Gcm: aead((key, nonce) => gcm(key, nonce)),
  createSha256: () => {
    const hash = sha256.create();
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => hash.digest(),
    };
  },
  crc32,
  gzip: through(() => new CompressionStream("gzip")),
  inflateRaw: through(() => new DecompressionStream("deflate-raw")),
});
