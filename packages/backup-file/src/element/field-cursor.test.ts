import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BackupFileError } from "../errors.js";
import { createFieldCursor } from "./field-cursor.js";

const walk = (bytes: Uint8Array) => {
  const cursor = createFieldCursor();
  cursor.reset(bytes, 0, bytes.length);
  const fields: unknown[] = [];
  while (cursor.next())
    fields.push(
      cursor.wireType === 0
        ? [cursor.number, cursor.int64]
        : [cursor.number, [...bytes.subarray(cursor.start, cursor.end)]],
    );
  return fields;
};
const code = (bytes: Uint8Array): string | undefined => {
  try {
    walk(bytes);
  } catch (error) {
    if (error instanceof BackupFileError) return error.code;
    throw error;
  }
  return undefined;
};

const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });

describe("a field cursor", () => {
  it("sees the fields that a protobuf writer wrote", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.tuple(
              number,
              fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
            ),
            fc.tuple(number, fc.uint8Array({ maxLength: 300 })),
          ),
        ),
        (fields) => {
          const writer = new BinaryWriter();
          for (const [field, value] of fields)
            if (typeof value === "bigint")
              writer.tag(field, WireType.Varint).int64(value);
            else writer.tag(field, WireType.LengthDelimited).bytes(value);
          expect(walk(writer.finish())).toEqual(
            fields.map(([field, value]) => [
              field,
              typeof value === "bigint" ? value : [...value],
            ]),
          );
        },
      ),
    );
  });

  it("passes over fixed-width fields and groups", () => {
    const writer = new BinaryWriter()
      .tag(1, WireType.Bit64)
      .fixed64(5n)
      .tag(2, WireType.Bit32)
      .fixed32(6)
      .tag(3, WireType.StartGroup)
      .tag(1, WireType.Varint)
      .int32(1)
      .tag(2, WireType.LengthDelimited)
      .string("x")
      .tag(3, WireType.EndGroup)
      .tag(4, WireType.Varint)
      .int32(7);
    expect(walk(writer.finish())).toEqual([
      [1, [5, 0, 0, 0, 0, 0, 0, 0]],
      [2, [6, 0, 0, 0]],
      [4, 7n],
    ]);
  });

  it("never reads what a protobuf reader refuses, nor throws anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const found = code(bytes);
        if (found !== undefined) {
          expect(found).toBe("recordInvalid");
          return;
        }
        const reader = new BinaryReader(bytes);
        while (reader.pos < reader.len) {
          const [field, type] = reader.tag();
          reader.skip(type, field);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["a cut varint", [0x08, 0x80]],
    ["an endless varint", [0x08, ...new Array<number>(11).fill(0x80), 0]],
    ["a cut length", [0x12]],
    ["a length beyond the end", [0x12, 5, 1, 2]],
    ["a length of four gigabytes", [0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["a length of 2^35", [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 1]],
    ["a cut fixed-width field", [0x09, 1, 2, 3]],
    ["field number zero", [0x00, 1]],
    ["a wire type that does not exist", [0x0e]],
    ["the end of a group that was not begun", [0x0c]],
    ["a group that does not end", [0x0b, 0x08, 1]],
    ["a group that ends another", [0x0b, 0x14]],
  ])("refuses %s", (_, bytes) => {
    expect(code(Uint8Array.from(bytes))).toBe("recordInvalid");
  });

  it("takes groups nested 32 deep, and no deeper", () => {
    const nested = (depth: number): Uint8Array =>
      Uint8Array.of(
        ...new Array<number>(depth).fill(0x0b),
        ...new Array<number>(depth).fill(0x0c),
      );
    expect(code(nested(32))).toBeUndefined();
    expect(code(nested(33))).toBe("recordInvalid");
  });

  it("refuses groups nested a million deep, at once", () => {
    expect(code(new Uint8Array(1_000_000).fill(0x0b))).toBe("recordInvalid");
  });
});
