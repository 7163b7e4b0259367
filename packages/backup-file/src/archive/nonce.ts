/** Bytes of the nonce in an XMTP archive. */
export const ARCHIVE_NONCE_BYTES = 12;

/** A nonce that counts up little-endian, modulo 2^96, as XMTP archives do: one step a record. */
export const createCountingNonce = (start: Uint8Array) => {
  const nonce = start.slice();
  return {
    /** The nonce of the next record. Valid until `next()`. */
    bytes: nonce,
    next(): void {
      for (let i = 0; i < nonce.length; i += 1) {
        const value = ((nonce[i] ?? 0) + 1) & 255;
        nonce[i] = value;
        if (value !== 0) return;
      }
    },
  };
};
