import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSingleFileParser, multipartBoundary } from "./multipart.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { multipartBody } from "./testing/raw-client.js";

const boundary = "b0undary";
const head = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;

/** The file in a body that arrives in the given pieces, or the code of the refusal. */
function parse(pieces: Iterable<Uint8Array>): Buffer | string {
  const parser = createSingleFileParser(boundary);
  const out: Uint8Array[] = [];
  try {
    for (const piece of pieces) {
      out.push(...parser.push(piece).map((each) => Uint8Array.from(each)));
    }
    parser.end();
  } catch (error) {
    if (error instanceof StorageProviderError) return error.code;
    throw error;
  }
  return Buffer.concat(out);
}

function* cut(body: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) {
    yield body.subarray(at, at + size);
  }
}

const bodies: readonly (readonly [string, string, string])[] = [
  ["a plain file", `${head}hello${tail}`, "hello"],
  ["an empty file", `${head}${tail}`, ""],
  ["a preamble and an epilogue", `hi\r\n${head}x${tail}bye`, "x"],
  ["no line end after the last boundary", `${head}x\r\n--${boundary}--`, "x"],
  ["line ends inside", `${head}\r\n\r\r\n\n${tail}`, "\r\n\r\r\n\n"],
  [
    "almost a boundary inside",
    `${head}a\r\n--b0undarx\r\n--b0undar\r\n-${tail}`,
    "a\r\n--b0undarx\r\n--b0undar\r\n-",
  ],
  [
    "a boundary without its line end inside",
    `${head}x--${boundary}--${tail}`,
    `x--${boundary}--`,
  ],
  [
    "more part headers, in any case",
    `--${boundary}\r\nX-A:b\r\nCONTENT-DISPOSITION:FORM-DATA ; name="a;\\"filename=" ;filename*=UTF-8''x\r\n` +
      `Content-Transfer-Encoding: binary\r\n\r\nx${tail}`,
    "x",
  ],
  [
    "a file name that is a path",
    `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="../../etc/passwd"\r\n\r\nx${tail}`,
    "x",
  ],
];

describe.each(bodies)("%s", (_name, body, content) => {
  const bytes = Buffer.from(body, "latin1");
  test.each([1, 2, 3, 5, 7, 11, 64, 100_000])(
    "is read in pieces of %i",
    (size) => {
      expect(String(parse(cut(bytes, size)))).toBe(content);
    },
  );
});

const part = (headers: string) => `--${boundary}\r\n${headers}\r\n\r\nx${tail}`;
const disposition = 'Content-Disposition: form-data; name="f"; filename="x"';
const refusals: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "file-missing"],
  ["no part", `--${boundary}--\r\n`, "file-missing"],
  [
    "a field that is no file",
    part('Content-Disposition: form-data; name="f"'),
    "file-missing",
  ],
  [
    "a field whose name pretends a file",
    part('Content-Disposition: form-data; name="f; filename=x"'),
    "file-missing",
  ],
  ["a second part", `${head}x\r\n${head}y${tail}`, "file-repeated"],
  ["a field after the file", `${head}x\r\n--${boundary}\r\n`, "file-repeated"],
  ["no boundary", "hello", "body-malformed"],
  ["another boundary", `--other\r\n\r\nx\r\n--other--`, "body-malformed"],
  ["a preamble without end", "x".repeat(5_000), "body-malformed"],
  [
    "an epilogue without end",
    `${head}x${tail}${"x".repeat(5_000)}`,
    "body-malformed",
  ],
  ["letters after the boundary", `--${boundary}xx\r\n`, "body-malformed"],
  ["a part without headers", `--${boundary}\r\n\r\nx${tail}`, "body-malformed"],
  [
    "a part without disposition",
    part("Content-Type: text/plain"),
    "body-malformed",
  ],
  [
    "another disposition",
    part('Content-Disposition: attachment; filename="x"'),
    "body-malformed",
  ],
  [
    "two dispositions",
    part(`${disposition}\r\n${disposition}`),
    "body-malformed",
  ],
  [
    "a disposition cut in its quotes",
    part('Content-Disposition: form-data; filename="x'),
    "body-malformed",
  ],
  ["a header without name", part(": x"), "body-malformed"],
  ["a folded header", part(`${disposition}\r\n more`), "body-malformed"],
  [
    "base64",
    part(`${disposition}\r\nContent-Transfer-Encoding: base64`),
    "body-malformed",
  ],
  [
    "17 headers",
    part(`${disposition}${"\r\na: b".repeat(16)}`),
    "body-malformed",
  ],
  [
    "headers without end",
    `--${boundary}\r\n${"a: b\r\n".repeat(2_000)}`,
    "body-malformed",
  ],
  [
    "a header line without end",
    `--${boundary}\r\na: ${"b".repeat(9_000)}`,
    "body-malformed",
  ],
];

test.each(refusals)("%s: %s is refused with %s", (_name, body, code) => {
  const bytes = Buffer.from(body, "latin1");
  expect(parse([bytes])).toBe(code);
  expect(parse(cut(bytes, 1))).toBe(code);
});

test("a body cut anywhere is refused", () => {
  const body = multipartBody("\r\ncontent\r\n--b0undar", boundary);
  // The last boundary is whole without the line end after it.
  for (let length = 0; length < body.length - 2; length += 1) {
    expect(parse([body.subarray(0, length)])).toBe(
      length === 0 ? "file-missing" : "body-malformed",
    );
  }
});

test("any content passes unchanged, however it is cut", () => {
  const spice = fc.constantFrom("\r", "\n", "-", "\r\n--", "b0und", boundary);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(spice, fc.string({ unit: "binary-ascii" }))),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (words, sizes) => {
        const content = words.join("");
        fc.pre(!content.includes(`\r\n--${boundary}`));
        const body = multipartBody(content, boundary);
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < body.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(body.subarray(at, at + size));
          at += size;
        }
        expect(String(parse(pieces))).toBe(content);
      },
    ),
  );
});

test("any bytes give a file or a typed refusal", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom(head, tail, `--${boundary}`, "\r\n", "\r\n\r\n"),
          fc.string(),
        ),
      ),
      (words) => {
        expect(["string", "object"]).toContain(
          typeof parse([Buffer.from(words.join(""))]),
        );
      },
    ),
  );
});

test.each([
  ["multipart/form-data; boundary=abc", "abc"],
  ['Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', "a b:c"],
  [
    "multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxk",
    "----WebKitFormBoundary7MA4YWxk",
  ],
])("%s has the boundary %s", (type, expected) => {
  expect(multipartBoundary(type)).toBe(expected);
});

test.each([
  [undefined, "media-type"],
  ["multipart/mixed; boundary=a", "media-type"],
  ["application/json", "media-type"],
  ["multipart/form-data", "body-malformed"],
  ["multipart/form-data; boundary=", "body-malformed"],
  ['multipart/form-data; boundary=""', "body-malformed"],
  ['multipart/form-data; boundary="a "', "body-malformed"],
  ["multipart/form-data; boundary=a\x00b", "body-malformed"],
  ["multipart/form-data; boundary=é", "body-malformed"],
  [`multipart/form-data; boundary=${"a".repeat(71)}`, "body-malformed"],
])("%j has no boundary: %s", (type, code) => {
  expect(() => multipartBoundary(type)).toThrow(
    expect.objectContaining({ code }),
  );
});
