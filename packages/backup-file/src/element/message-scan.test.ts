import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BackupFileError } from "../errors.js";
import { join } from "../testing/bytes.js";
import {
  sampleElement,
  sampleGroup,
  sampleMessage,
} from "../testing/samples.js";
import { createFieldCursor } from "./field-cursor.js";
import { messageStart, scanMessage, type MessageScan } from "./message-scan.js";

const scan = (bytes: Uint8Array, start: number, end: number) => {
  const found: MessageScan = { groupStart: 7, groupEnd: 7, sentAtField: 7 };
  return scanMessage(bytes, start, end, found) ? found : undefined;
};

/** The same by a field cursor; `undefined` where it throws. */
const walk = (bytes: Uint8Array, start: number, end: number) => {
  const cursor = createFieldCursor();
  const found = { groupStart: 0, groupEnd: 0, sentAtNs: 0n };
  cursor.reset(bytes, start, end);
  try {
    while (cursor.next()) {
      if (cursor.number === 2 && cursor.wireType === 2) {
        found.groupStart = cursor.start;
        found.groupEnd = cursor.end;
      }
      if (cursor.number === 4 && cursor.wireType === 0)
        found.sentAtNs = cursor.int64;
    }
  } catch (error) {
    if (error instanceof BackupFileError) return undefined;
    throw error;
  }
  return found;
};

const int64At = (bytes: Uint8Array, field: number, end: number): bigint => {
  const cursor = createFieldCursor();
  cursor.reset(bytes, field, end);
  cursor.next();
  return cursor.int64;
};

const message = fc
  .record({
    content: fc.uint8Array({ maxLength: 300 }),
    sentAtNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    sequenceId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  })
  .map(
    ({ content, sentAtNs, sequenceId }) =>
      sampleElement({
        case: "groupMessage",
        value: {
          groupId: content.subarray(0, 16),
          decryptedMessageBytes: content,
          sentAtNs,
          contentType: "text",
          sequenceId,
        },
      }).bytes,
  );

describe("scanMessage", () => {
  it("takes what XMTP writes", () => {
    const { bytes } = sampleMessage(3, 5, new Uint8Array(16_000));
    const start = messageStart(bytes);
    expect(start).toBe(3);
    expect(scan(bytes, start, bytes.length)).toBeDefined();
  });

  it("finds what a field cursor finds", () => {
    fc.assert(
      fc.property(message, (bytes) => {
        const start = messageStart(bytes);
        const found = scan(bytes, start, bytes.length);
        const { sentAtNs, ...group } = walk(bytes, start, bytes.length) ?? {};
        expect(found).toMatchObject(group);
        const field = found?.sentAtField ?? -1;
        expect(field < 0 ? 0n : int64At(bytes, field, bytes.length)).toBe(
          sentAtNs,
        );
      }),
    );
  });

  it("takes nothing that a field cursor refuses, or sees otherwise", () => {
    const few = fc.array(
      fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 255 })),
      { maxLength: 4 },
    );
    let taken = 0;
    fc.assert(
      fc.property(message, few, fc.nat({ max: 40 }), (made, changes, cut) => {
        const bytes = made.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const start = Math.min(messageStart(made), bytes.length);
        // What follows the message must not be read as a part of it.
        const end = Math.max(start, bytes.length - cut);
        const found = scan(bytes, start, end);
        if (found === undefined) return;
        taken += 1;
        const seen = walk(bytes, start, end);
        expect(seen).toMatchObject({
          groupStart: found.groupStart,
          groupEnd: found.groupEnd,
          sentAtNs:
            found.sentAtField < 0 ? 0n : int64At(bytes, found.sentAtField, end),
        });
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it("leaves to the field cursor what XMTP does not write", () => {
    const of = (...bytes: number[]) => Uint8Array.from(bytes);
    for (const bytes of [
      of(0x09, 1, 2, 3, 4, 5, 6, 7, 8),
      of(0x13, 0x14),
      of(0x80, 0x80, 0x01, 0x00),
      of(0x1a, 0x80, 0x80, 0x00),
      of(0x20, ...Array<number>(10).fill(0x80), 0x00),
      of(0x20),
      of(0x1a),
      of(0x1a, 0x02, 0x00),
      of(0x02, 0x00),
    ])
      expect(scan(bytes, 0, bytes.length)).toBeUndefined();
  });
});

describe("messageStart", () => {
  it("is 0 for any element but one whole message", () => {
    const { bytes } = sampleMessage(3, 5, new Uint8Array(10));
    for (const other of [
      new Uint8Array(0),
      sampleGroup(1).bytes,
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 2),
      join(bytes, Uint8Array.of(0x28, 0x01)),
      join(bytes, bytes),
    ])
      expect(messageStart(other)).toBe(0);
  });
});
