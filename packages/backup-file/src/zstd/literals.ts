import {
  decodeHuffmanStream,
  readHuffmanTable,
  type HuffmanTable,
} from "./huffman.js";
import { zstdInvalid } from "./invalid.js";

/** Literals of a block, and where their section ends. */
export interface Literals {
  readonly literals: Uint8Array;
  readonly end: number;
  /** The table for blocks that use it again. */
  readonly huffman: HuffmanTable | undefined;
}

/** Four streams with a table of their sizes, or one. */
const decodeStreams = (
  table: HuffmanTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  streams: 1 | 4,
  size: number,
): Uint8Array => {
  const out = new Uint8Array(size);
  if (streams === 1) {
    decodeHuffmanStream(table, bytes, start, end, out);
    return out;
  }
  if (end - start < 6) throw zstdInvalid("a literals section is cut");
  const quarter = (size + 3) >> 2;
  if (quarter * 3 > size)
    throw zstdInvalid("four streams for too few literals");
  let from = start + 6;
  for (let i = 0; i < 4; i += 1) {
    const at = start + i * 2;
    const length =
      i === 3 ? end - from : (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
    if (from + length > end) throw zstdInvalid("a literals section is cut");
    decodeHuffmanStream(
      table,
      bytes,
      from,
      from + length,
      out.subarray(i * quarter, i === 3 ? size : (i + 1) * quarter),
    );
    from += length;
  }
  return out;
};

/**
 * Reads the literals section of a block (RFC 8878 §3.1.1.3.1).
 *
 * @throws BackupFileError `zstdInvalid`
 */
export const readLiterals = (
  bytes: Uint8Array,
  maxSize: number,
  previous: HuffmanTable | undefined,
): Literals => {
  const byte = (at: number): number => {
    const value = bytes[at];
    if (value === undefined) throw zstdInvalid("a literals section is cut");
    return value;
  };
  const first = byte(0);
  const type = first & 3;
  const format = (first >> 2) & 3;
  const checkSize = (size: number): void => {
    if (size > maxSize) throw zstdInvalid("a block has too many literals");
  };

  if (type < 2) {
    const [size, header] =
      (format & 1) === 0
        ? [first >> 3, 1]
        : format === 1
          ? [(first >> 4) + byte(1) * 16, 2]
          : [(first >> 4) + byte(1) * 16 + byte(2) * 4096, 3];
    checkSize(size);
    if (type === 1)
      return {
        literals: new Uint8Array(size).fill(byte(header)),
        end: header + 1,
        huffman: previous,
      };
    if (header + size > bytes.length)
      throw zstdInvalid("a literals section is cut");
    return {
      literals: bytes.subarray(header, header + size),
      end: header + size,
      huffman: previous,
    };
  }

  const width = format === 3 ? 18 : format === 2 ? 14 : 10;
  const header = format === 3 ? 5 : format === 2 ? 4 : 3;
  // Both sizes follow the four bits of type and format; 40 bits at most, more than a 32-bit integer holds.
  let word = 0;
  for (let i = header - 1; i >= 0; i -= 1) word = word * 256 + byte(i);
  word = Math.floor(word / 16);
  const size = word % 2 ** width;
  const compressed = Math.floor(word / 2 ** width);
  checkSize(size);
  const end = header + compressed;
  if (end > bytes.length) throw zstdInvalid("a literals section is cut");
  let table = previous;
  let start = header;
  if (type === 2)
    ({ table, end: start } = readHuffmanTable(bytes, header, end));
  if (table === undefined)
    throw zstdInvalid("a Huffman tree is used again before there is one");
  return {
    literals: decodeStreams(
      table,
      bytes,
      start,
      end,
      format === 0 ? 1 : 4,
      size,
    ),
    end,
    huffman: table,
  };
};
