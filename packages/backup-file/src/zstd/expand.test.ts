import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BackupFileError } from "../errors.js";
import { withLimits, type BackupFileLimits } from "../limits.js";
import { collectBytes, flip, inPieces, join } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { zstdExpand } from "./expand.js";
import { zstdStore } from "./stored.js";

const folder = new URL(
  "../../../../vectors/message-backup-file/zstd/",
  import.meta.url,
);
const { frames } = JSON.parse(
  readFileSync(new URL("expected.json", folder), "utf8"),
) as { frames: Record<string, { bytes: number; sha256: string }> };
const frame = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`${name}.zst`, folder)));
const names = Object.keys(frames);

const expand = (
  bytes: Uint8Array,
  pieceSize?: number,
  limits?: Partial<BackupFileLimits>,
) => collectBytes(zstdExpand(inPieces(bytes, pieceSize), withLimits(limits)));

/** A frame with a window of 128 KiB around any blocks. */
const withBlocks = (...blocks: number[][]): Uint8Array =>
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...blocks.flat());
const block = (type: number, size: number, last: 0 | 1): number[] => {
  const header = (size << 3) | (type << 1) | last;
  return [header & 255, (header >> 8) & 255, header >> 16];
};

describe("a zstd frame", () => {
  it.each(names)("of the reference encoder expands: %s", async (name) => {
    for (const size of [1, 1000, 1_000_000]) {
      const expanded = await expand(frame(name), size);
      expect(createHash("sha256").update(expanded).digest("hex")).toBe(
        frames[name]?.sha256,
      );
    }
  });

  it("of stored blocks gives back what went in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 300_000 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 200_000 }),
        async (lengths, pieceSize) => {
          const pieces = lengths.map((length, n) =>
            Uint8Array.from({ length }, (_, i) => (i * 31 + n) & 255),
          );
          async function* source() {
            yield* pieces;
          }
          const stored = await collectBytes(zstdStore(source()));
          const expanded = await expand(stored, pieceSize);
          expect(Buffer.compare(expanded, join(...pieces))).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([131_071, 131_072, 131_073, 262_144])(
    "stores %i bytes around the end of a block",
    async (length) => {
      const bytes = new Uint8Array(length).fill(5);
      const stored = await collectBytes(zstdStore(inPieces(bytes, 4096)));
      expect(Buffer.compare(await expand(stored), bytes)).toBe(0);
    },
  );

  it.each(names)("cut anywhere is truncated: %s", async (name) => {
    const whole = frame(name);
    const step = Math.max(1, Math.floor(whole.length / 300));
    for (let length = 0; length < whole.length; length += step)
      expect(
        await codeOf(expand(whole.subarray(0, length))),
        `cut at ${length}`,
      ).toBe("archiveTruncated");
  });

  it("followed by anything has trailing data", async () => {
    for (const trailing of [Uint8Array.of(0), frame("empty")]) {
      const file = join(frame("text-level-1-streamed"), trailing);
      for (const size of [1, 1_000_000])
        expect(await codeOf(expand(file, size))).toBe("trailingData");
    }
  });

  it.each([
    ["no zstd at all", Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
    ["a skippable frame", Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9)],
    ["a reserved bit", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 8, 0x38, 1, 0, 0)],
    [
      "a dictionary",
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 0x38, 7, 1, 0, 0),
    ],
    ["a reserved block type", withBlocks(block(3, 1, 1), [0])],
    ["a block above the limit", withBlocks(block(1, 131_073, 1), [0])],
    ["an empty compressed block", withBlocks(block(2, 0, 1))],
    [
      "a Huffman tree that is missing",
      withBlocks(block(2, 4, 1), [0x13, 0, 0, 0]),
    ],
    [
      "a length that is not kept",
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, ...block(0, 1, 1), 65),
    ],
  ])("refuses %s", async (_, bytes) => {
    expect(await codeOf(expand(bytes))).toBe("zstdInvalid");
  });

  // One literal, then one match of three bytes: literal length, offset and match length by tables of one symbol.
  const oneMatch = (offsetCode: number, bits: number): Uint8Array =>
    withBlocks(block(2, 8, 1), [8, 65, 1, 0x54, 1, offsetCode, 0, bits]);

  it("copies from before, overlapping too", async () => {
    expect([...(await expand(oneMatch(2, 0b100)))]).toEqual([65, 65, 65, 65]);
  });

  it("that copies from before its beginning is refused", async () => {
    await expect(expand(oneMatch(2, 0b101))).rejects.toThrow("too far back");
    await expect(expand(oneMatch(4, 0b10000))).rejects.toThrow("too far back");
  });

  it("whose Huffman weights take no bits ends", async () => {
    // One symbol has all the probability: every step takes no bits, and a decoder that waits for them to be used up
    // never ends.
    const tree = [5, 0x10, 0xf8, 0x01, 0xff, 0xff];
    const literals = [0x42, 0xc0, 0x01, ...tree, 0x01];
    await expect(
      expand(withBlocks(block(2, literals.length + 1, 1), [...literals, 0])),
    ).rejects.toThrow("there are too many Huffman weights");
  });

  it("that asks for a window of a gigabyte is refused before anything is set aside", async () => {
    const bytes = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 1, 0, 0);
    expect(await codeOf(expand(bytes))).toBe("zstdWindowTooLarge");
  });

  it("that expands without end is a bomb", async () => {
    const blocks = Array.from({ length: 200 }, () => [
      ...block(1, 131_072, 0),
      0,
    ]);
    const bomb = withBlocks(...blocks, block(0, 0, 1));
    expect(
      await codeOf(
        expand(bomb, 65_536, {
          ratioFreeBytes: 1_000_000,
          maxExpansionRatio: 100,
        }),
      ),
    ).toBe("decompressionBomb");
    expect(
      await codeOf(expand(bomb, 65_536, { maxExpandedBytes: 20_000_000 })),
    ).toBe("decompressionBomb");
  });

  it("with anything changed in it gives a typed error or ends, in bounded time", async () => {
    const small = names.filter((name) => frame(name).length < 4000);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...small),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (name, changes) => {
          const bytes = frame(name);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            await expand(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(BackupFileError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("with any flipped bit in its first bytes gives a typed error or ends", async () => {
    for (const name of names) {
      const whole = frame(name);
      for (let bit = 0; bit < Math.min(whole.length, 60) * 8; bit += 1) {
        const found = await codeOf(expand(flip(whole, bit >> 3, bit & 7)));
        expect([
          "none",
          "zstdInvalid",
          "zstdWindowTooLarge",
          "archiveTruncated",
          "trailingData",
        ]).toContain(found);
      }
    }
  });
});
