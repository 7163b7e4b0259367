/** An authenticated cipher with a 32-byte key, a 12-byte nonce, a 16-byte tag at the end and no associated data. */
export interface Aead {
  /** Encrypts; the result is 16 bytes longer. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Decrypts; `undefined` when the tag does not match or there is none. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
}

/** A running SHA-256. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The 32-byte digest. Ends the hash. */
  digest(): Uint8Array;
}

/** Bytes in, other bytes out, at the pace of the reader. */
export type ByteTransform = (
  source: AsyncIterable<Uint8Array>,
) => AsyncIterable<Uint8Array>;

/**
 * The heavy work, so that a platform can bring its own. All implementations give the same bytes, but for `gzip`, whose
 * output may differ between compressors as long as any of them opens it.
 */
export interface BackupFilePorts {
  /** ChaCha20-Poly1305 (RFC 8439): the age payload. */
  readonly chaCha20Poly1305: Aead;
  /** AES-256-GCM: the records of an XMTP archive. */
  readonly aes256Gcm: Aead;
  /** A new running SHA-256. */
  createSha256(): Sha256;
  /** The CRC-32 of gzip of what came before (0 at the start) and these bytes. */
  crc32(bytes: Uint8Array, before: number): number;
  /** One gzip member (RFC 1952). */
  readonly gzip: ByteTransform;
  /**
   * One raw DEFLATE stream (RFC 1951), expanded.
   *
   * Must fail when the input ends too early, when it is malformed, and when bytes follow its end.
   */
  readonly inflateRaw: ByteTransform;
}
