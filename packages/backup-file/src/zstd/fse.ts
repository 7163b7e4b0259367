import { highestBit, type BackwardBits } from "./bits.js";
import { zstdInvalid } from "./invalid.js";

/** A Finite State Entropy decoding table (RFC 8878 §4.1). */
export interface FseTable {
  readonly accuracyLog: number;
  /** By state: the symbol. */
  readonly symbols: Uint8Array;
  /** By state: how many bits lead to the next. */
  readonly bits: Uint8Array;
  /** By state: where the next begins. */
  readonly bases: Uint16Array;
}

/** Makes the table of normalized counts; -1 stands for "less than 1". They must add up to the table's size. */
export const buildFseTable = (
  counts: readonly number[],
  accuracyLog: number,
): FseTable => {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  counts.forEach((count, symbol) => {
    if (count === -1) {
      high -= 1;
      symbols[high] = symbol;
    }
    next[symbol] = Math.abs(count);
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i += 1) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state] ?? 0;
    const x = next[symbol] ?? 1;
    next[symbol] = x + 1;
    const nbits = accuracyLog - highestBit(x);
    bits[state] = nbits;
    bases[state] = (x << nbits) - size;
  }
  return { accuracyLog, symbols, bits, bases };
};

/** A table with one symbol that needs no bits. */
export const buildRleTable = (symbol: number): FseTable => ({
  accuracyLog: 0,
  symbols: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/**
 * Reads a table's description (RFC 8878 §4.1.1).
 *
 * @returns the table and where its description ends
 * @throws BackupFileError `zstdInvalid`
 */
export const readFseTable = (
  bytes: Uint8Array,
  start: number,
  end: number,
  maxAccuracyLog: number,
  maxSymbol: number,
): { table: FseTable; end: number } => {
  const total = (end - start) * 8;
  let position = 0;
  const peek = (count: number): number => {
    const at = start + (position >> 3);
    const word =
      (at < end ? (bytes[at] ?? 0) : 0) |
      ((at + 1 < end ? (bytes[at + 1] ?? 0) : 0) << 8) |
      ((at + 2 < end ? (bytes[at + 2] ?? 0) : 0) << 16);
    return (word >>> (position & 7)) & ((1 << count) - 1);
  };
  const accuracyLog = peek(4) + 5;
  position += 4;
  if (accuracyLog > maxAccuracyLog)
    throw zstdInvalid("the accuracy of a table is too high");
  const counts: number[] = [];
  let remaining = 1 << accuracyLog;
  while (remaining > 0) {
    if (position >= total) throw zstdInvalid("a table is cut");
    if (counts.length > maxSymbol)
      throw zstdInvalid("a table has too many symbols");
    // Values 0 to remaining + 1 are possible: the smaller ones take a bit less.
    const width = highestBit(remaining + 1) + 1;
    const shorter = (1 << width) - 1 - (remaining + 1);
    let value = peek(width - 1);
    if (value < shorter) position += width - 1;
    else {
      value = peek(width);
      position += width;
      if (value >= 1 << (width - 1)) value -= shorter;
    }
    const count = value - 1;
    counts.push(count);
    remaining -= Math.abs(count);
    if (count !== 0) continue;
    for (;;) {
      const zeros = peek(2);
      position += 2;
      for (let i = 0; i < zeros; i += 1) counts.push(0);
      if (zeros < 3) break;
      if (counts.length > maxSymbol || position >= total)
        throw zstdInvalid("a table has too many symbols");
    }
  }
  if (remaining < 0 || counts.length > maxSymbol + 1 || position > total)
    throw zstdInvalid("the counts of a table do not add up");
  return {
    table: buildFseTable(counts, accuracyLog),
    end: start + ((position + 7) >> 3),
  };
};

/** A table being walked. */
export const createFseState = (table: FseTable, source: BackwardBits) => {
  let state = source.read(table.accuracyLog);
  return {
    symbol: (): number => table.symbols[state] ?? 0,
    advance(): void {
      state = (table.bases[state] ?? 0) + source.read(table.bits[state] ?? 0);
    },
  };
};
