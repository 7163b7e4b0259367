import { createBackwardBits } from "./bits.js";
import {
  buildFseTable,
  buildRleTable,
  createFseState,
  readFseTable,
  type FseTable,
} from "./fse.js";
import { zstdInvalid } from "./invalid.js";

/** A kind of code in the sequences section, with its tables of RFC 8878 §3.1.1.3.2.1. */
interface CodeKind {
  readonly maxSymbol: number;
  readonly maxAccuracyLog: number;
  readonly predefined: FseTable;
}

const ones = (count: number): number[] => new Array<number>(count).fill(1);
const rare = (count: number): number[] => new Array<number>(count).fill(-1);
const twos = (count: number): number[] => new Array<number>(count).fill(2);

const literalLengths: CodeKind = {
  maxSymbol: 35,
  maxAccuracyLog: 9,
  predefined: buildFseTable(
    [4, 3, ...twos(11), 1, 1, 1, ...twos(9), 3, 2, ...ones(5), ...rare(4)],
    6,
  ),
};
const matchLengths: CodeKind = {
  maxSymbol: 52,
  maxAccuracyLog: 9,
  predefined: buildFseTable([1, 4, 3, ...twos(6), ...ones(37), ...rare(7)], 6),
};
const offsets: CodeKind = {
  maxSymbol: 31,
  maxAccuracyLog: 8,
  predefined: buildFseTable([...ones(6), 2, 2, 2, ...ones(15), ...rare(5)], 5),
};

/** Bits that follow each code, and the smallest value it stands for. */
const baselines = (
  first: number,
  bits: readonly number[],
): { bits: Uint8Array; base: Uint32Array } => {
  const base = new Uint32Array(bits.length);
  let at = first;
  bits.forEach((count, code) => {
    base[code] = at;
    at += 2 ** count;
  });
  return { bits: Uint8Array.from(bits), base };
};
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const literalValues = baselines(0, [
  ...zeros(16),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const matchValues = baselines(3, [
  ...zeros(32),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);

/** Tables and offsets that a frame's blocks hand on to each other. */
export interface SequenceState {
  literalLengths: FseTable | undefined;
  offsets: FseTable | undefined;
  matchLengths: FseTable | undefined;
  readonly recent: [number, number, number];
}

/** What a frame begins with. */
export const createSequenceState = (): SequenceState => ({
  literalLengths: undefined,
  offsets: undefined,
  matchLengths: undefined,
  recent: [1, 4, 8],
});

/** The offset that a value stands for; notes it as the most recent one (RFC 8878 §3.1.1.5). */
const resolveOffset = (
  value: number,
  literalLength: number,
  recent: [number, number, number],
): number => {
  if (value > 3) {
    recent[2] = recent[1];
    recent[1] = recent[0];
    return (recent[0] = value - 3);
  }
  const index = literalLength === 0 ? value : value - 1;
  if (index === 0) return recent[0];
  const offset =
    index === 1 ? recent[1] : index === 2 ? recent[2] : recent[0] - 1;
  if (offset === 0) throw zstdInvalid("an offset is zero");
  if (index > 1) recent[2] = recent[1];
  recent[1] = recent[0];
  return (recent[0] = offset);
};

/** Where a block's sequences go. */
export interface SequenceSink {
  /** Copies the next `count` literals to the output. */
  literals(count: number): void;
  /** Copies `length` bytes from `offset` bytes back. */
  match(offset: number, length: number): void;
}

/**
 * Reads the sequences section of a block and carries it out.
 *
 * @throws BackupFileError `zstdInvalid`
 */
export const runSequences = (
  bytes: Uint8Array,
  start: number,
  state: SequenceState,
  sink: SequenceSink,
): void => {
  let at = start;
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) throw zstdInvalid("a sequences section is cut");
    at += 1;
    return value;
  };
  let count = byte();
  if (count === 255) count = byte() + byte() * 256 + 0x7f00;
  else if (count > 127) count = (count - 128) * 256 + byte();
  if (count === 0) {
    if (at !== bytes.length)
      throw zstdInvalid("bytes follow a block without sequences");
    return;
  }
  const modes = byte();
  if ((modes & 3) !== 0) throw zstdInvalid("reserved bits are set");
  const readTable = (
    mode: number,
    kind: CodeKind,
    previous: FseTable | undefined,
  ): FseTable => {
    switch (mode & 3) {
      case 0:
        return kind.predefined;
      case 1: {
        const symbol = byte();
        if (symbol > kind.maxSymbol) throw zstdInvalid("a code is unknown");
        return buildRleTable(symbol);
      }
      case 2: {
        const read = readFseTable(
          bytes,
          at,
          bytes.length,
          kind.maxAccuracyLog,
          kind.maxSymbol,
        );
        at = read.end;
        return read.table;
      }
      default:
        if (previous === undefined)
          throw zstdInvalid("a table is used again before there is one");
        return previous;
    }
  };
  state.literalLengths = readTable(
    modes >> 6,
    literalLengths,
    state.literalLengths,
  );
  state.offsets = readTable(modes >> 4, offsets, state.offsets);
  state.matchLengths = readTable(modes >> 2, matchLengths, state.matchLengths);

  const source = createBackwardBits(bytes, at, bytes.length);
  const literal = createFseState(state.literalLengths, source);
  const offset = createFseState(state.offsets, source);
  const match = createFseState(state.matchLengths, source);
  for (let i = 0; i < count; i += 1) {
    const offsetCode = offset.symbol();
    const matchCode = match.symbol();
    const literalCode = literal.symbol();
    const offsetValue = 2 ** offsetCode + source.read(offsetCode);
    const matchLength =
      (matchValues.base[matchCode] ?? 0) +
      source.read(matchValues.bits[matchCode] ?? 0);
    const literalLength =
      (literalValues.base[literalCode] ?? 0) +
      source.read(literalValues.bits[literalCode] ?? 0);
    if (i + 1 < count) {
      literal.advance();
      match.advance();
      offset.advance();
    }
    if (source.left < 0) throw zstdInvalid("a sequences section is cut");
    sink.literals(literalLength);
    sink.match(
      resolveOffset(offsetValue, literalLength, state.recent),
      matchLength,
    );
  }
  if (source.left !== 0) throw zstdInvalid("a sequences section is too long");
};
