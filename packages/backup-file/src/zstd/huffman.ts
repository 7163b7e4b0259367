import { createBackwardBits, highestBit } from "./bits.js";
import { createFseState, readFseTable } from "./fse.js";
import { zstdInvalid } from "./invalid.js";

const MAX_BITS = 11;
const MAX_WEIGHTS = 255;

/** A Huffman decoding table: by the next `maxBits` bits, the symbol and how many of them it takes. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const readCompressedWeights = (
  bytes: Uint8Array,
  start: number,
  end: number,
): number[] => {
  const { table, end: from } = readFseTable(bytes, start, end, 6, MAX_WEIGHTS);
  const source = createBackwardBits(bytes, from, end);
  let one = createFseState(table, source);
  let two = createFseState(table, source);
  const weights: number[] = [];
  // Two states take turns. When the bits are used up, the other one has the last symbol.
  for (;;) {
    weights.push(one.symbol());
    one.advance();
    if (source.left < 0) {
      weights.push(two.symbol());
      return weights;
    }
    // A table in which a state needs no bits would go on for ever.
    if (weights.length > MAX_WEIGHTS)
      throw zstdInvalid("there are too many Huffman weights");
    [one, two] = [two, one];
  }
};

const buildHuffmanTable = (weights: readonly number[]): HuffmanTable => {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_BITS) throw zstdInvalid("a Huffman weight is too large");
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) throw zstdInvalid("a Huffman tree is empty");
  const maxBits = highestBit(sum) + 1;
  if (maxBits > MAX_BITS) throw zstdInvalid("a Huffman tree is too deep");
  const size = 1 << maxBits;
  // The last weight is what is missing to the next power of two.
  const missing = size - sum;
  if ((missing & (missing - 1)) !== 0)
    throw zstdInvalid("the Huffman weights do not add up");
  const all = [...weights, highestBit(missing) + 1];
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight += 1)
    all.forEach((own, symbol) => {
      if (own !== weight) return;
      const span = 1 << (weight - 1);
      symbols.fill(symbol, at, at + span);
      bits.fill(maxBits + 1 - weight, at, at + span);
      at += span;
    });
  return { maxBits, symbols, bits };
};

/**
 * Reads a Huffman tree's description (RFC 8878 §4.2.1).
 *
 * @returns the table and where its description ends
 * @throws BackupFileError `zstdInvalid`
 */
export const readHuffmanTable = (
  bytes: Uint8Array,
  start: number,
  end: number,
): { table: HuffmanTable; end: number } => {
  if (start >= end) throw zstdInvalid("a Huffman tree is cut");
  const header = bytes[start] ?? 0;
  const from = start + 1;
  if (header < 128) {
    if (from + header > end) throw zstdInvalid("a Huffman tree is cut");
    return {
      table: buildHuffmanTable(
        readCompressedWeights(bytes, from, from + header),
      ),
      end: from + header,
    };
  }
  const count = header - 127;
  const until = from + ((count + 1) >> 1);
  if (until > end) throw zstdInvalid("a Huffman tree is cut");
  const weights = Array.from({ length: count }, (_, i) => {
    const byte = bytes[from + (i >> 1)] ?? 0;
    return i % 2 === 0 ? byte >> 4 : byte & 15;
  });
  return { table: buildHuffmanTable(weights), end: until };
};

/**
 * Decodes one stream (RFC 8878 §4.2.2) into all of `out`.
 *
 * @throws BackupFileError `zstdInvalid` unless it holds exactly that many symbols
 */
export const decodeHuffmanStream = (
  table: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
): void => {
  const source = createBackwardBits(bytes, start, end);
  for (let i = 0; i < out.length; i += 1) {
    const code = source.peek(table.maxBits);
    out[i] = table.symbols[code] ?? 0;
    source.skip(table.bits[code] ?? 0);
    if (source.left < 0) throw zstdInvalid("a Huffman stream is cut");
  }
  if (source.left !== 0) throw zstdInvalid("a Huffman stream is too long");
};
