import { expect, test } from "vitest";
import { LocalNetworkError } from "./errors.js";
import { uint, vector } from "./fixtures/mls.js";
import { createTlsReader } from "./tls-reader.js";

test("reads integers in network order", () => {
  const reader = createTlsReader(
    Buffer.from("01020304050607080910111213141516", "hex"),
  );
  expect(reader.uint8("a")).toBe(0x01);
  expect(reader.uint16("b")).toBe(0x0203);
  expect(reader.uint32("c")).toBe(0x04050607);
  expect(reader.uint64("d")).toBe(0x0809101112131415n);
  expect(reader.remaining).toBe(1);
});

test.each([0, 1, 63, 64, 16383, 16384, 70000])(
  "reads a vector of %i bytes",
  (length) => {
    const content = Buffer.alloc(length, 9);
    const reader = createTlsReader(
      Buffer.concat([vector(content), uint(4, 1)]),
    );
    expect(Buffer.compare(reader.vector("v"), content)).toBe(0);
    expect(reader.uint8("after")).toBe(4);
  },
);

test("reads from a view into a larger buffer", () => {
  const whole = Buffer.concat([
    Buffer.from([9, 9]),
    vector(Buffer.from("abc")),
    Buffer.from([9]),
  ]);
  const reader = createTlsReader(whole.subarray(2, 6));
  expect(Buffer.from(reader.vector("v")).toString()).toBe("abc");
  expect(reader.remaining).toBe(0);
});

test.each([
  ["a length of two bytes that fits one", "403f" + "00".repeat(63)],
  ["a length of four bytes that fits two", "80003fff" + "00".repeat(16383)],
  ["the prefix that RFC 9420 excludes", "c000000000000001" + "00"],
])("refuses %s", (_, hex) => {
  const reader = createTlsReader(Buffer.from(hex, "hex"));
  expect(() => reader.vector("v")).toThrow(LocalNetworkError);
});

test("a length beyond the end is refused before anything is allocated", () => {
  const reader = createTlsReader(Buffer.from("bfffffff00", "hex"));
  expect(() => reader.vector("v")).toThrow(
    "v: expected 1073741823 bytes at offset 4, found 1",
  );
});
