import type { BackupFilePorts } from "@carryover/backup-file";

/**
 * The heavy work, so that a platform can bring its own. Any `BackupFilePorts` will do: its AES-256-GCM is not used, and
 * `scrypt` may be added.
 */
export interface AccountFilePorts extends Pick<
  BackupFilePorts,
  "chaCha20Poly1305" | "createSha256" | "crc32" | "gzip" | "inflateRaw"
> {
  /**
   * scrypt (RFC 7914) with r = 8, p = 1 and 32 bytes of output; portable JavaScript that yields to other work unless
   * told.
   *
   * @param workFactor log2 of N
   */
  readonly scrypt?: (
    passphrase: Uint8Array,
    salt: Uint8Array,
    workFactor: number,
  ) => Promise<Uint8Array>;
}
