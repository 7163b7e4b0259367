/**
 * A model of libxmtp's importer (crates/xmtp_archive/src/importer.rs, and the reader under it), as far as it decides
 * whether a record's length is forgotten.
 *
 * It reads at most 1,024 expanded bytes at a time; a read ends early when the buffer under the decompressor is used up,
 * and the next one then has to wait once for the disk.
 */

const READ_BYTES = 1024;
const LENGTH_BYTES = 4;

/** How many expanded bytes each buffer of a frame of stored blocks holds. */
export const expandedPerBuffer = (
  archive: Uint8Array,
  bufferBytes: number,
): number[] => {
  // After version, nonce and the frame's header come blocks: three bytes, then content.
  const isContent = new Uint8Array(archive.length);
  for (let at = 14 + 6; at < archive.length;) {
    const header =
      (archive[at] ?? 0) +
      (archive[at + 1] ?? 0) * 256 +
      (archive[at + 2] ?? 0) * 65_536;
    const size = header >> 3;
    isContent.fill(1, at + 3, at + 3 + size);
    at += 3 + size;
  }
  const buffers: number[] = [];
  for (let at = 0; at < archive.length; at += bufferBytes)
    buffers.push(
      isContent.subarray(at, at + bufferBytes).reduce((sum, is) => sum + is, 0),
    );
  return buffers;
};

/**
 * Imports records of these sizes (length, ciphertext and tag).
 *
 * @returns how many records came out, and how many bytes were read ahead at most; `forgot` when the importer would spin
 */
export const modelImport = (
  recordBytes: readonly number[],
  buffers: readonly number[],
): { imported: number; forgot: boolean; maxAhead: number } => {
  let buffer = 0;
  let left = buffers[0] ?? 0;
  let waited = true;
  let ahead = 0;
  let imported = 0;
  let maxAhead = 0;

  const read = (): number | "pending" => {
    let out = 0;
    for (;;) {
      const some = Math.min(READ_BYTES - out, left);
      out += some;
      left -= some;
      if (out === READ_BYTES) return out;
      if (buffer + 1 >= buffers.length) return out;
      if (!waited) {
        if (out > 0) return out;
        waited = true;
        return "pending";
      }
      buffer += 1;
      left = buffers[buffer] ?? 0;
      waited = false;
    }
  };

  while (imported < recordBytes.length) {
    const wanted = recordBytes[imported] ?? 0;
    let haveLength = false;
    for (;;) {
      const amount = read();
      if (amount === "pending") {
        if (haveLength) return { imported, forgot: true, maxAhead };
        break;
      }
      ahead += amount;
      maxAhead = Math.max(maxAhead, ahead);
      if (ahead >= LENGTH_BYTES) haveLength = true;
      if (haveLength && ahead >= wanted) {
        ahead -= wanted;
        imported += 1;
        break;
      }
      if (amount === 0) return { imported, forgot: true, maxAhead };
    }
  }
  return { imported, forgot: false, maxAhead };
};
