import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../bytes/bytes.js";
import { withLimits, type BackupFileLimits } from "../limits.js";
import { createPortablePorts } from "../ports/portable.js";
import { collectBytes, flip, inPieces, join } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { gunzip } from "./gunzip.js";

const ports = createPortablePorts();
const expand = (
  bytes: Uint8Array,
  pieceSize?: number,
  limits?: Partial<BackupFileLimits>,
) =>
  collectBytes(gunzip(inPieces(bytes, pieceSize), ports, withLimits(limits)));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = ascii("one two three ".repeat(100));
const zipped = new Uint8Array(gzipSync(plain));

/** A member with any flags and optional fields. */
const member = (flags: number, fields: Uint8Array): Uint8Array =>
  join(
    Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255),
    fields,
    new Uint8Array(deflateRawSync(plain)),
    zipped.subarray(-8),
  );

describe("gunzip", () => {
  it.each([1, 7, 8, 9, 10, 11, zipped.length - 1, zipped.length])(
    "expands pieces of %i bytes",
    async (size) => {
      expect(equalBytes(await expand(zipped, size), plain)).toBe(true);
    },
  );

  it("expands nothing at all", async () => {
    expect(await expand(new Uint8Array(gzipSync(new Uint8Array(0))))).toEqual(
      new Uint8Array(0),
    );
  });

  it.each([
    ["a file name", 8, ascii("history\0")],
    ["a comment", 16, ascii("a comment\0")],
    ["an extra field", 4, Uint8Array.of(3, 0, 1, 2, 3)],
    ["a header checksum", 2, Uint8Array.of(0, 0)],
    [
      "all of them",
      30,
      join(Uint8Array.of(1, 0, 9), ascii("a\0b\0"), Uint8Array.of(0, 0)),
    ],
  ])("passes over %s in the header", async (_, flags, fields) => {
    for (const size of [1, 13, 10_000])
      expect(equalBytes(await expand(member(flags, fields), size), plain)).toBe(
        true,
      );
  });

  it("refuses every cut", async () => {
    for (let length = 0; length < zipped.length; length += 1)
      expect(
        await codeOf(expand(zipped.subarray(0, length))),
        `cut at ${length}`,
      ).toBe("compressionInvalid");
  });

  it("refuses or survives every flipped bit, with the same content or none", async () => {
    for (let bit = 0; bit < zipped.length * 8; bit += 1) {
      const at = bit >> 3;
      const flipped = flip(zipped, at, bit & 7);
      const code = await codeOf(expand(flipped));
      // The flag "is text", time, extra flags and operating system mean nothing, and deflate has spare bits.
      if (code === "none")
        expect(equalBytes(await expand(flipped), plain)).toBe(true);
      else
        expect(
          ["compressionInvalid", "codecUnsupported"],
          `bit ${bit}`,
        ).toContain(code);
    }
  });

  it.each([
    ["a byte", Uint8Array.of(0)],
    ["an empty member", new Uint8Array(gzipSync(new Uint8Array(0)))],
    ["much", new Uint8Array(500_000)],
  ])("refuses %s after the member", async (_, trailing) => {
    expect(await codeOf(expand(join(zipped, trailing)))).toBe(
      "compressionInvalid",
    );
    expect(await codeOf(expand(join(zipped, trailing), 100))).toBe(
      "compressionInvalid",
    );
  });

  it("says that another codec is not supported", async () => {
    expect(
      await codeOf(expand(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0))),
    ).toBe("codecUnsupported");
  });

  it("reads a header name no further than a limit", async () => {
    const endless = join(
      Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255),
      new Uint8Array(1_000_000).fill(65),
    );
    expect(await codeOf(expand(endless, 1000))).toBe("compressionInvalid");
  });

  it("stops a bomb by its ratio, once it is larger than what is free", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(20_000_000)));
    const limits = { ratioFreeBytes: 1_000_000, maxExpansionRatio: 100 };
    expect(await codeOf(expand(bomb, 65_536, limits))).toBe(
      "decompressionBomb",
    );
    const small = new Uint8Array(gzipSync(new Uint8Array(900_000)));
    expect((await expand(small, 65_536, limits)).length).toBe(900_000);
  });

  it("stops at the most bytes that are accepted", async () => {
    const limits = { maxExpandedBytes: plain.length };
    expect((await expand(zipped, 100, limits)).length).toBe(plain.length);
    expect(
      await codeOf(expand(zipped, 100, { maxExpandedBytes: plain.length - 1 })),
    ).toBe("decompressionBomb");
  });

  it("checks the checksum and the length in the trailer", async () => {
    expect(new DataView(zipped.slice(-8).buffer).getUint32(0, true)).toBe(
      crc32(plain),
    );
    for (const at of [zipped.length - 8, zipped.length - 4])
      expect(await codeOf(expand(flip(zipped, at)))).toBe("compressionInvalid");
  });

  it("refuses when the decompressor is done before its input is", async () => {
    // As DecompressionStream of Node 20 is, where anything follows.
    const early = {
      ...ports,
      async *inflateRaw(source: AsyncIterable<Uint8Array>) {
        const { done } = await source[Symbol.asyncIterator]().next();
        if (done !== true) yield plain;
      },
    };
    const reading = collectBytes(
      gunzip(inPieces(zipped, zipped.length - 8), early, withLimits(undefined)),
    );
    expect(await codeOf(reading)).toBe("compressionInvalid");
    await expect(reading).rejects.toThrow("bytes follow the end");
  });

  it("hands on what its source throws", async () => {
    async function* broken() {
      yield zipped.subarray(0, 20);
      throw new Error("the disk is gone");
    }
    await expect(
      collectBytes(gunzip(broken(), ports, withLimits(undefined))),
    ).rejects.toThrow("the disk is gone");
  });
});
