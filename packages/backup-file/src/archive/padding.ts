/**
 * Bytes of an empty record: a four-byte length and the 16-byte tag of nothing. XMTP's importer decrypts it, finds an
 * element of no kind, and goes on.
 */
export const EMPTY_RECORD_BYTES = 20;

/**
 * The fewest bytes that the importer gains with each record, on average.
 *
 * libxmtp's importer (crates/xmtp_archive/src/importer.rs) reads at most 1,024 bytes of the expanded archive, then hands
 * out one record if a whole one has arrived. If it has read a record's length but not yet all of the record, and the
 * next read has to wait for the disk, it forgets the length, takes the middle of a record for the next one, and spins
 * for ever. It forgets nothing if the whole record is there after the first read of its turn.
 *
 * A read gives less than 1,024 bytes only when the buffer under the decompressor (8 KiB) is used up. A buffer of k KiB
 * of stored blocks expands to k KiB less a few bytes of headers, so it is delivered in k reads, and n reads bring more
 * than 1,000 n bytes, counted from the start of the archive, as long as headers take less than 24 bytes of each KiB.
 *
 * So: if the first n records are never more than 1,000 n bytes together, every record is whole when its turn comes.
 * A lower figure would be safe too, but the importer moves all that it has read ahead each time it takes a record:
 * padding that is more generous than needed makes it slower by the square.
 */
const BYTES_A_RECORD = 1000;

/** Decides how many empty records go before each record of an archive. */
export interface PaddingPlan {
  /**
   * Notes the next record.
   *
   * @param recordBytes its size in the archive: length, ciphertext and tag
   * @returns how many empty records must go before it
   */
  before(recordBytes: number): number;
}

/** A plan for an archive from its first record on. */
export const createPaddingPlan = (): PaddingPlan => {
  // How many bytes the importer has certainly read beyond the records so far.
  let ahead = 0;
  return {
    before(recordBytes) {
      const missing = recordBytes - BYTES_A_RECORD - ahead;
      const empty =
        missing <= 0
          ? 0
          : Math.ceil(missing / (BYTES_A_RECORD - EMPTY_RECORD_BYTES));
      ahead +=
        empty * (BYTES_A_RECORD - EMPTY_RECORD_BYTES) +
        BYTES_A_RECORD -
        recordBytes;
      return empty;
    },
  };
};
