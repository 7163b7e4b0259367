import { BackupFileError } from "../errors.js";

const MAX_GROUP_DEPTH = 32;

const invalid = (message: string): BackupFileError =>
  new BackupFileError("recordInvalid", message);

const scratch = new BigInt64Array(1);
const scratchWords = new Int32Array(scratch.buffer);
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Walks the fields of one protobuf message without copying anything.
 *
 * Every length is checked against the bytes that are there; nested groups of unknown fields are skipped to a fixed
 * depth. Malformed input throws `recordInvalid`.
 */
export interface FieldCursor {
  /** Starts at `start`, ends before `end`. */
  reset(bytes: Uint8Array, start: number, end: number): void;
  /** Goes to the next field; false at the end. */
  next(): boolean;
  /** The field's number. */
  readonly number: number;
  /** The field's protobuf wire type; groups are never shown. */
  readonly wireType: number;
  /** Where the value of a length-delimited field begins. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
  /** The low 32 bits of a varint field, as a signed number. */
  readonly low: number;
  /** A varint field as a signed 64-bit integer. */
  readonly int64: bigint;
}

/** A cursor that can be reset and used again. */
export const createFieldCursor = (): FieldCursor => {
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let limit = 0;
  let low = 0;
  let high = 0;

  const longVarint = (): void => {
    low = 0;
    high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= limit) throw invalid("a varint is cut");
      const byte = bytes[at] ?? 0;
      at += 1;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) return;
    }
    throw invalid("a varint is longer than ten bytes");
  };
  const varint = (): void => {
    // Almost all tags and lengths are one byte.
    const byte = at < limit ? (bytes[at] ?? 128) : 128;
    if (byte < 128) {
      at += 1;
      low = byte;
      high = 0;
    } else longVarint();
  };
  const length = (): number => {
    varint();
    const value = low >>> 0;
    if (high !== 0 || value > limit - at)
      throw invalid("a field is longer than its message");
    return value;
  };
  const skip = (count: number): void => {
    if (count > limit - at) throw invalid("a field is cut");
    at += count;
  };
  const tag = (): number => {
    varint();
    const value = low >>> 0;
    if (high !== 0 || value >>> 3 === 0)
      throw invalid("a field number is out of range");
    return value;
  };
  const skipGroup = (number: number): void => {
    const open = [number];
    while (open.length > 0) {
      if (open.length > MAX_GROUP_DEPTH)
        throw invalid("groups are nested too deeply");
      const value = tag();
      switch (value & 7) {
        case 0:
          varint();
          break;
        case 1:
          skip(8);
          break;
        case 2:
          skip(length());
          break;
        case 3:
          open.push(value >>> 3);
          break;
        case 4:
          if (open.pop() !== value >>> 3)
            throw invalid("a group ends that was not begun");
          break;
        case 5:
          skip(4);
          break;
        default:
          throw invalid("a wire type is unknown");
      }
    }
  };

  const cursor = {
    number: 0,
    wireType: 0,
    start: 0,
    end: 0,
    get low(): number {
      return low;
    },
    get int64(): bigint {
      scratchWords[littleEndian ? 0 : 1] = low;
      scratchWords[littleEndian ? 1 : 0] = high;
      return scratch[0] ?? 0n;
    },
    reset(source: Uint8Array, start: number, end: number): void {
      bytes = source;
      at = start;
      limit = end;
    },
    next(): boolean {
      for (;;) {
        if (at >= limit) return false;
        const value = tag();
        cursor.number = value >>> 3;
        cursor.wireType = value & 7;
        switch (cursor.wireType) {
          case 0:
            varint();
            return true;
          case 1:
          case 5:
            cursor.start = at;
            skip(cursor.wireType === 1 ? 8 : 4);
            cursor.end = at;
            return true;
          case 2:
            cursor.end = length();
            cursor.start = at;
            at += cursor.end;
            cursor.end = at;
            return true;
          case 3:
            skipGroup(cursor.number);
            continue;
          default:
            throw invalid("a wire type is unknown");
        }
      }
    },
  };
  return cursor;
};
