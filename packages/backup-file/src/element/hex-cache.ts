import { bytesToHex } from "@noble/hashes/utils.js";

const SLOTS = 4096;

/**
 * Bytes as hex, for values that come again and again, such as conversation ids: remembers the last one in each of a
 * fixed number of slots.
 */
export const createHexCache = () => {
  const slots = new Array<{ bytes: Uint8Array; hex: string } | undefined>(
    SLOTS,
  );
  return (source: Uint8Array, start: number, end: number): string => {
    const length = end - start;
    // Ids are random, but not everywhere in ids that somebody made up.
    const slot =
      ((source[start] ?? 0) ^
        (source[end - 1] ?? 0) ^
        ((source[start + 1] ?? 0) << 4) ^
        ((source[end - 2] ?? 0) << 8)) &
      (SLOTS - 1);
    const known = slots[slot];
    if (known?.bytes.length === length) {
      let i = 0;
      while (i < length && known.bytes[i] === source[start + i]) i += 1;
      if (i === length) return known.hex;
    }
    const bytes = source.slice(start, end);
    const hex = bytesToHex(bytes);
    // Ids are short. Anything long is not worth keeping.
    if (length <= 64) slots[slot] = { bytes, hex };
    return hex;
  };
};
