import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../hex.js";
import { groupsSentTo } from "./sent-groups.js";

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

const varint = (value: number): number[] =>
  value < 0x80
    ? [value]
    : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];

const bytesField = (number: number, bytes: readonly number[]) => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];

const framed = (message: readonly number[], compressed = 0) => {
  const body = new Uint8Array(5 + message.length);
  body[0] = compressed;
  new DataView(body.buffer).setUint32(1, message.length);
  body.set(message, 5);
  return body;
};

/** RFC 9420: version 1, wire format, then a group id with its length. */
const mlsMessage = (groupId: Uint8Array, wireFormat = 1, tail = [1, 2, 3]) => {
  const { length } = groupId;
  const size =
    length < 64
      ? [length]
      : length < 16_384
        ? [0x40 | (length >> 8), length & 0xff]
        : [0x80, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return [0, 1, 0, wireFormat, ...size, ...groupId, ...tail];
};

/** One `GroupMessageInput`, with the fields that the library puts beside the data. */
const input = (data: readonly number[]) =>
  bytesField(
    1,
    bytesField(1, [
      ...bytesField(1, data),
      ...bytesField(2, [9, 9]),
      ...varint(3 * 8),
      1,
    ]),
  );

const send = (...groupIds: string[]) =>
  framed(groupIds.flatMap((id) => input(mlsMessage(fromHex(id)))));

const one = "ab".repeat(16);
const two = "cd".repeat(16);

describe("groupsSentTo", () => {
  it("names the group of every message, in order", () => {
    expect(groupsSentTo(send(one))).toEqual([one]);
    expect(groupsSentTo(send(one, two, one))).toEqual([one, two, one]);
  });

  it("names groups of any id, in public and private messages", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 2)),
          { minLength: 1, maxLength: 4 },
        ),
        (messages) => {
          const body = framed(
            messages.flatMap(([id, wireFormat]) =>
              input(mlsMessage(id, wireFormat)),
            ),
          );
          expect(groupsSentTo(body)).toEqual(messages.map(([id]) => toHex(id)));
        },
      ),
    );
    const long = new Uint8Array(20_000).fill(7);
    expect(groupsSentTo(framed(input(mlsMessage(long))))).toEqual([
      toHex(long),
    ]);
  });

  it("names nothing of a body that is cut anywhere", () => {
    const whole = send(one, two);
    for (let length = 0; length < whole.length; length += 1) {
      expect(groupsSentTo(whole.subarray(0, length))).toBeUndefined();
      // Also where the frame says that it is whole.
      const message = [...whole.subarray(5, length)];
      const groups = groupsSentTo(framed(message));
      if (groups !== undefined) expect(groups).toEqual([one]);
    }
  });

  it("never takes bytes that it does not understand for nothing at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const body of [bytes, framed([...bytes])]) {
          const groups = groupsSentTo(body);
          expect(groups === undefined || groups.length > 0).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(groupsSentTo(framed([]))).toBeUndefined();
    expect(groupsSentTo(framed(bytesField(2, [1])))).toBeUndefined();
  });

  it("ends, and throws nothing, whatever is changed in a body", () => {
    const whole = send(one, two);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const body = whole.slice();
          for (const [at, byte] of changes) body[at] = byte;
          const groups = groupsSentTo(body);
          expect(groups === undefined || groups.length > 0).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, Uint8Array]>([
    ["is compressed", framed(input(mlsMessage(fromHex(one))), 1)],
    ["has something behind it", Uint8Array.of(...send(one), 0)],
    [
      "has two messages where one is expected",
      framed(
        bytesField(1, [
          ...bytesField(1, bytesField(1, mlsMessage(fromHex(one)))),
          ...bytesField(1, bytesField(1, mlsMessage(fromHex(two)))),
        ]),
      ),
    ],
    [
      "has two data where one is expected",
      framed(
        bytesField(
          1,
          bytesField(1, [
            ...bytesField(1, mlsMessage(fromHex(one))),
            ...bytesField(1, mlsMessage(fromHex(two))),
          ]),
        ),
      ),
    ],
    ["has no data", framed(bytesField(1, bytesField(1, bytesField(2, [1]))))],
    [
      "is of another version of MLS",
      framed(input([0, 2, ...mlsMessage(fromHex(one)).slice(2)])),
    ],
    ["is a welcome", framed(input(mlsMessage(fromHex(one), 3)))],
    [
      "has a length of eight bytes",
      framed(input([0, 1, 0, 1, 0xc0, 0, 0, 0, 0, 0, 0, 16, ...fromHex(one)])),
    ],
    [
      "says that its id is longer than it is",
      framed(input([0, 1, 0, 1, 17, ...fromHex(one)])),
    ],
    [
      "has a field of a kind that is not used",
      framed([...input(mlsMessage(fromHex(one))), 0x0d, 0, 0, 0, 0]),
    ],
    // 2^32 + the tag of field 1: a parser of 32 bits reads the second message as one more.
    [
      "hides a message behind a number that is too large",
      framed([
        ...input(mlsMessage(fromHex(one))),
        0x8a,
        0x80,
        0x80,
        0x80,
        0x10,
        ...input(mlsMessage(fromHex(two))).slice(1),
      ]),
    ],
  ])("refuses one that %s", (_name, body) => {
    expect(groupsSentTo(body)).toBeUndefined();
  });
});
