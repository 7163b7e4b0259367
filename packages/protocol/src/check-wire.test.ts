import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { checkWire } from "./check-wire.js";
import {
  BackupScopeSchema,
  EncryptionParametersSchema,
  file_xip31_v1_xip31,
  InstallationContactBundleSchema,
  MessageHistoryBackupRequestSchema,
  MessageHistoryBackupResponseSchema,
  PadlockMessagePayloadSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import { failureOf } from "./testing/samples.js";
import {
  bytesField,
  concat,
  tag,
  textField,
  varint,
  varintField,
} from "./testing/wire-bytes.js";

const request = MessageHistoryBackupRequestSchema;
const cases: [string, DescMessage, Uint8Array, string][] = [
  ["a tag with field number 0", request, tag(0, 0), "no field number"],
  [
    "a tag above 32 bits",
    request,
    concat(varint(1n << 32n), varint(0)),
    "no field number",
  ],
  ["a start-group tag", request, tag(99, 3), "wire type 3"],
  ["an end-group tag", request, tag(99, 4), "wire type 4"],
  ["wire type 6", request, tag(99, 6), "wire type 6"],
  ["wire type 7", request, tag(99, 7), "wire type 7"],
  [
    "a group in a known field",
    request,
    concat(tag(1, 3), tag(1, 4)),
    "field 1 of wire type 3",
  ],
  ["text as varint", request, varintField(1, 5), "field 1 of wire type 0"],
  [
    "an integer as bytes",
    request,
    bytesField(2, varint(5)),
    "field 2 of wire type 2",
  ],
  [
    "an integer as 32 bits",
    request,
    concat(tag(2, 5), varint(0), varint(0), varint(0), varint(0)),
    "field 2 of wire type 5",
  ],
  [
    "an integer of 64 bits as 64 bits",
    request,
    concat(tag(18, 1), new Uint8Array(8)),
    "field 18 of wire type 1",
  ],
  ["a message as varint", request, varintField(21, 0), "field 21 of wire type"],
  [
    "the same text twice",
    request,
    concat(textField(1, "a"), textField(1, "a")),
    "field 1 given twice",
  ],
  [
    "the same message twice",
    request,
    concat(bytesField(21, new Uint8Array()), bytesField(21, new Uint8Array())),
    "field 21 given twice",
  ],
  [
    "two contents",
    PadlockMessagePayloadSchema,
    concat(bytesField(4, new Uint8Array()), bytesField(3, new Uint8Array())),
    "field 3 given twice",
  ],
  ["a tag cut short", request, Uint8Array.of(0x80), "cut short"],
  ["a value that is missing", request, tag(2, 0), "cut short"],
  [
    "text cut short",
    request,
    concat(tag(1, 2), varint(2), Uint8Array.of(0x61)),
    "cut short",
  ],
  [
    "text of 2^64 - 1 bytes",
    request,
    concat(tag(1, 2), varint(-1n)),
    "cut short",
  ],
  ["unknown bytes cut short", request, concat(tag(99, 2), varint(1)), "cut"],
  ["an unknown varint cut short", request, tag(99, 0), "cut short"],
  [
    "unknown 32 bits cut short",
    request,
    concat(tag(99, 5), new Uint8Array(3)),
    "cut short",
  ],
  [
    "unknown 64 bits cut short",
    request,
    concat(tag(99, 1), new Uint8Array(7)),
    "cut short",
  ],
  [
    "a varint of eleven bytes",
    request,
    concat(tag(18, 0), new Uint8Array(10).fill(0x80), varint(0)),
    "longer than 64 bits",
  ],
  [
    "a varint of 65 bits",
    request,
    concat(tag(18, 0), new Uint8Array(9).fill(0x80), Uint8Array.of(2)),
    "longer than 64 bits",
  ],
  [
    "int32 of 2^31",
    request,
    varintField(2, 2n ** 31n),
    "field 2 out of its type's range",
  ],
  [
    "int32 that would be 42 when cut to 32 bits",
    request,
    varintField(2, 2n ** 32n + 42n),
    "field 2 out of its type's range",
  ],
  [
    "an enum of 2^32 + 2",
    InstallationContactBundleSchema,
    varintField(3, 2n ** 32n + 2n),
    "field 3 out of its type's range",
  ],
  [
    "a packed uint32 of 2^32",
    request,
    bytesField(22, varint(2n ** 32n)),
    "field 22 out of its type's range",
  ],
  [
    "a packed list cut inside a number",
    request,
    bytesField(22, Uint8Array.of(0x80)),
    "cut short",
  ],
  [
    "a bool of 2",
    BackupScopeSchema,
    varintField(3, 2),
    "field 3 out of its type's range",
  ],
  [
    "text that is not UTF-8",
    request,
    bytesField(20, Uint8Array.of(0xc0, 0x80)),
    "field 20 not UTF-8",
  ],
  [
    "a surrogate in text",
    request,
    bytesField(20, Uint8Array.of(0xed, 0xa0, 0x80)),
    "field 20 not UTF-8",
  ],
  [
    "text behind a byte order mark",
    request,
    textField(1, "\ufeff0123456789abcdef"),
    "field 1 not UTF-8",
  ],
  [
    "a child that ends inside its last field",
    request,
    concat(bytesField(21, tag(1, 0)), varint(7)),
    "request.scope: cut short",
  ],
  [
    "a fault two messages deep",
    MessageHistoryBackupResponseSchema,
    bytesField(3, bytesField(1, varintField(1, 0))),
    "request.encryptionParameters.ageV1: field 1 of wire type 0",
  ],
];

describe("bytes that decoders do not all read alike are malformed", () => {
  it.each(cases)("%s", (_, schema, bytes, message) => {
    const error = failureOf(() => {
      checkWire(schema, bytes, "request");
    });
    expect(error.code).toBe("malformed");
    expect(error.message).toContain(message);
    expect(error.cause).toBeUndefined();
  });
});

describe("lets pass", () => {
  it.each<[string, DescMessage, Uint8Array]>([
    ["nothing at all", request, new Uint8Array()],
    ["int32 of -1", request, varintField(2, -1n)],
    ["int32 of -2^31", request, varintField(2, -(2n ** 31n))],
    ["int64 of -2^63", request, varintField(18, -(2n ** 63n))],
    [
      "a varint with needless bytes",
      request,
      concat(tag(2, 0), Uint8Array.of(0x81, 0x80, 0x00)),
    ],
    [
      "a list, packed and not",
      request,
      concat(
        bytesField(22, concat(varint(1), varint(2))),
        varintField(22, 2n ** 32n - 1n),
      ),
    ],
    [
      "unknown fields of every wire type, also twice",
      request,
      concat(
        varintField(99, -1n),
        concat(tag(99, 1), new Uint8Array(8)),
        textField(99, "x"),
        concat(tag(99, 5), new Uint8Array(4)),
      ),
    ],
    [
      "an unknown kind in a oneof",
      EncryptionParametersSchema,
      textField(2, ""),
    ],
    ["text in any script", request, textField(20, "Ωmega 聊天 🚀")],
  ])("%s", (_, schema, bytes) => {
    expect(() => {
      checkWire(schema, bytes, "request");
    }).not.toThrow();
  });

  it("what the encoder makes of each message", () => {
    for (const schema of file_xip31_v1_xip31.messages)
      checkWire(schema, toBinary(schema, create(schema)), "message");
  });
});

it("knows every kind of field that the schema has", () => {
  const kinds = file_xip31_v1_xip31.messages
    .flatMap((message) => message.fields)
    .map((field) => `${field.fieldKind} ${field.scalar ?? ""}`.trim());
  // 3 int64, 5 int32, 8 bool, 9 string, 12 bytes, 13 uint32
  expect(new Set(kinds)).toEqual(
    new Set([
      "enum",
      "list 13",
      "message",
      "scalar 3",
      "scalar 5",
      "scalar 8",
      "scalar 9",
      "scalar 12",
    ]),
  );
});

it("nests no deeper than four messages, whatever comes in", () => {
  const depth = (schema: DescMessage): number =>
    1 +
    Math.max(
      0,
      ...schema.fields.map((field) =>
        field.message === undefined ? 0 : depth(field.message),
      ),
    );
  expect(Math.max(...file_xip31_v1_xip31.messages.map(depth))).toBe(4);
});
