import {
  type DescField,
  type DescMessage,
  ScalarType,
} from "@bufbuild/protobuf";
import { ProtocolError } from "./errors.js";

const varint = 0;
const bit64 = 1;
const lengthDelimited = 2;
const bit32 = 5;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What each scalar of the messages may hold; a varint beyond it would be cut silently by protobuf libraries. */
const ranges: Partial<Record<ScalarType, readonly [bigint, bigint]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.BOOL]: [0n, 1n],
};

/**
 * Checks that bytes are one protobuf message that every decoder reads alike. Libraries differ on, or quietly repair,
 * wrong wire types, lengths that overrun their parent, invalid UTF-8, integers that are too large, groups and repeated
 * singular fields; two readers of one signed message must not see two messages. Time and memory are linear in the
 * length, and nesting is as deep as the schema.
 *
 * @throws {ProtocolError} `malformed`
 */
export function checkWire(
  schema: DescMessage,
  bytes: Uint8Array,
  path: string,
): void {
  const fields = new Map(schema.fields.map((field) => [field.number, field]));
  const seen = new Set<string>();
  const reader = new WireReader(bytes, path);
  while (!reader.done()) {
    const { number, wireType } = reader.tag();
    const field = fields.get(number);
    if (field === undefined) {
      reader.skip(wireType);
      continue;
    }
    if (field.fieldKind !== "list") {
      const slot = field.oneof?.name ?? field.name;
      if (seen.has(slot)) throw reader.fail(`field ${number} given twice`);
      seen.add(slot);
    }
    checkField(field, wireType, reader, path);
  }
}

function checkField(
  field: DescField,
  wireType: number,
  reader: WireReader,
  path: string,
): void {
  const wrongType = () =>
    reader.fail(`field ${field.number} of wire type ${wireType}`);
  if (field.message !== undefined) {
    if (wireType !== lengthDelimited) throw wrongType();
    checkWire(field.message, reader.bytes(), `${path}.${field.localName}`);
    return;
  }
  const scalar = field.scalar ?? ScalarType.INT32;
  const range = ranges[scalar];
  if (range === undefined) {
    if (wireType !== lengthDelimited) throw wrongType();
    const value = reader.bytes();
    if (scalar === ScalarType.STRING) checkText(value, field.number, reader);
    return;
  }
  if (wireType === varint) {
    checkRange(range, field.number, reader);
    return;
  }
  if (wireType !== lengthDelimited || field.fieldKind !== "list")
    throw wrongType();
  const packed = new WireReader(reader.bytes(), path);
  while (!packed.done()) checkRange(range, field.number, packed);
}

function checkRange(
  [min, max]: readonly [bigint, bigint],
  number: number,
  reader: WireReader,
): void {
  const unsigned = reader.varint();
  const value = min < 0n ? BigInt.asIntN(64, unsigned) : unsigned;
  if (value < min || value > max)
    throw reader.fail(`field ${number} out of its type's range`);
}

function checkText(value: Uint8Array, number: number, reader: WireReader) {
  try {
    // Decoders differ on whether a leading byte order mark is part of the text.
    if (!utf8.decode(value).startsWith("\ufeff")) return;
  } catch {
    // Not UTF-8. The reason is left out: it may quote the text.
  }
  throw reader.fail(`field ${number} not UTF-8 text`);
}

/** Reads the parts of one message, never past its end. */
class WireReader {
  readonly #input: Uint8Array;
  readonly #path: string;
  #at = 0;

  constructor(input: Uint8Array, path: string) {
    this.#input = input;
    this.#path = path;
  }

  done(): boolean {
    return this.#at === this.#input.length;
  }

  tag(): { number: number; wireType: number } {
    const tag = this.varint();
    const number = tag >> 3n;
    if (number < 1n || tag >= 2n ** 32n) throw this.fail("no field number");
    return { number: Number(number), wireType: Number(tag & 7n) };
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#input[this.#at];
      if (byte === undefined) throw this.fail("cut short");
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= 2n ** 64n) break;
        return value;
      }
    }
    throw this.fail("a varint longer than 64 bits");
  }

  bytes(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.#input.length - this.#at))
      throw this.fail("cut short");
    return this.#take(Number(length));
  }

  skip(wireType: number): void {
    if (wireType === varint) this.varint();
    else if (wireType === bit64) this.#take(8);
    else if (wireType === lengthDelimited) this.bytes();
    else if (wireType === bit32) this.#take(4);
    // Groups nest without bound, and proto3 has none.
    else throw this.fail(`wire type ${wireType}`);
  }

  fail(what: string): ProtocolError {
    return new ProtocolError("malformed", `${this.#path}: ${what}`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#input.length) throw this.fail("cut short");
    const taken = this.#input.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
