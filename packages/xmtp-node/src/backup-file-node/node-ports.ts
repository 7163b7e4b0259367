import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { BackupFilePorts } from "@carryover/backup-file";
import { createNodeAead } from "./aead.js";
import { createNodeGzip, nodeInflateRaw } from "./deflate.js";

/** How to compress. */
export interface NodePortsOptions {
  /** zlib's level, 1 (fast) to 9 (small); 3 unless told. */
  readonly gzipLevel?: number;
}

/** The heavy parts of `@carryover/backup-file` by OpenSSL and zlib, byte-compatible with the portable ones. */
export const createNodePorts = (
  options: NodePortsOptions = {},
): BackupFilePorts => ({
  chaCha20Poly1305: createNodeAead("chacha20-poly1305"),
  aes256Gcm: createNodeAead("aes-256-gcm"),
  createSha256: () => {
    const hash = createHash("sha256");
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => new Uint8Array(hash.digest()),
    };
  },
  crc32: (bytes, before) => crc32(bytes, before),
  gzip: createNodeGzip(options.gzipLevel ?? 3),
  inflateRaw: nodeInflateRaw,
});
