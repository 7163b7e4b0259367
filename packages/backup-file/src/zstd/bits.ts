import { zstdInvalid } from "./invalid.js";

/** The position of the highest bit that is set; `value` is at least 1. */
export const highestBit = (value: number): number => 31 - Math.clz32(value);

/** A bitstream that is read from its end to its beginning (RFC 8878 §4.1, §4.2.2). */
export interface BackwardBits {
  /** The next `count` bits (at most 31), without taking them. Bits before the beginning are zero. */
  peek(count: number): number;
  /** Takes `count` bits. */
  skip(count: number): void;
  /** The next `count` bits (at most 31), taken. */
  read(count: number): number;
  /** Bits left; negative when more were taken than there were. */
  readonly left: number;
}

/**
 * Bits of `bytes` from `start` to `end`. The last byte's highest set bit marks the end and is no data.
 *
 * @throws BackupFileError `zstdInvalid` when there is no such mark
 */
export const createBackwardBits = (
  bytes: Uint8Array,
  start: number,
  end: number,
): BackwardBits => {
  const last = end > start ? (bytes[end - 1] ?? 0) : 0;
  if (last === 0) throw zstdInvalid("a bitstream has no end mark");
  let left = (end - start - 1) * 8 + highestBit(last);

  /** Up to 25 bits, from bit `from` on. */
  const few = (from: number, count: number): number => {
    const at = start + (from >> 3);
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    return (word >>> (from & 7)) & ((1 << count) - 1);
  };
  const peek = (count: number): number => {
    if (count === 0 || left <= 0) return 0;
    const from = left - count;
    if (from < 0) return (peek(left) << -from) >>> 0;
    if (count <= 24) return few(from, count);
    return few(from, 16) + few(from + 16, count - 16) * 65_536;
  };
  return {
    peek,
    skip(count) {
      left -= count;
    },
    read(count) {
      const value = peek(count);
      left -= count;
      return value;
    },
    get left() {
      return left;
    },
  };
};
