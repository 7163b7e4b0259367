import { createHash, randomBytes } from "node:crypto";
import { crc32, deflateRawSync, gunzipSync } from "node:zlib";
import type { BackupFilePorts } from "@carryover/backup-file";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const collect = async (
  pieces: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece.slice());
  return new Uint8Array(Buffer.concat(all));
};

async function* inPieces(
  bytes: Uint8Array,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size)
    yield bytes.subarray(at, at + size);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text, "hex"));

/** Lengths around every boundary that a cipher or a chunk has. */
const lengths = [0, 1, 15, 16, 17, 63, 64, 65, 1000, 65_535, 65_536, 65_537];

/** What every implementation of `BackupFilePorts` must do. Run it for each of them. */
export const describeBackupFilePorts = (
  name: string,
  create: () => BackupFilePorts,
  reference: BackupFilePorts,
): void => {
  const ports = create();
  describe(`${name}: ciphers`, () => {
    const ciphers = ["chaCha20Poly1305", "aes256Gcm"] as const;

    it("encrypts AES-256-GCM to test cases 13 and 14 of its specification", () => {
      const key = new Uint8Array(32);
      const nonce = new Uint8Array(12);
      const zeros = new Uint8Array(16);
      expect(hex(ports.aes256Gcm.seal(key, nonce, zeros))).toBe(
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
      );
      expect(hex(ports.aes256Gcm.seal(key, nonce, new Uint8Array(0)))).toBe(
        "530f8afbc74536b9a963b4f1c4cb738b",
      );
    });

    it.each(ciphers)(
      "%s opens what the other implementation sealed",
      (cipher) => {
        for (const length of lengths) {
          const key = new Uint8Array(randomBytes(32));
          const nonce = new Uint8Array(randomBytes(12));
          const plain = new Uint8Array(randomBytes(length));
          const sealed = ports[cipher].seal(key, nonce, plain);
          expect(hex(sealed)).toBe(
            hex(reference[cipher].seal(key, nonce, plain)),
          );
          const opened = ports[cipher].open(key, nonce, sealed);
          expect(opened && hex(opened)).toBe(hex(plain));
        }
      },
    );

    it.each(ciphers)("%s refuses every flipped bit and every cut", (cipher) => {
      const key = new Uint8Array(randomBytes(32));
      const nonce = new Uint8Array(randomBytes(12));
      const sealed = ports[cipher].seal(
        key,
        nonce,
        new Uint8Array(randomBytes(20)),
      );
      for (let bit = 0; bit < sealed.length * 8; bit += 1) {
        const flipped = sealed.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(ports[cipher].open(key, nonce, flipped)).toBeUndefined();
      }
      for (let length = 0; length < sealed.length; length += 1)
        expect(
          ports[cipher].open(key, nonce, sealed.subarray(0, length)),
        ).toBeUndefined();
    });

    it.each(ciphers)("%s takes a view into a larger buffer", (cipher) => {
      const buffer = new Uint8Array(randomBytes(200));
      const key = buffer.subarray(3, 35);
      const nonce = buffer.subarray(40, 52);
      const plain = buffer.subarray(101, 133);
      const sealed = ports[cipher].seal(key, nonce, plain);
      expect(hex(sealed)).toBe(hex(reference[cipher].seal(key, nonce, plain)));
    });
  });

  it(`${name}: give plain byte arrays, which every platform shows alike`, async () => {
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    const hash = ports.createSha256();
    const given: (Uint8Array | undefined)[] = [hash.digest()];
    for (const cipher of [ports.chaCha20Poly1305, ports.aes256Gcm]) {
      const sealed = cipher.seal(key, nonce, key);
      given.push(sealed, cipher.open(key, nonce, sealed));
    }
    for await (const piece of ports.inflateRaw(
      inPieces(new Uint8Array(deflateRawSync(key)), 100),
    ))
      given.push(piece);
    for (const bytes of given)
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
  });

  describe(`${name}: hashes`, () => {
    it("gives the SHA-256 of what it was fed, in any pieces", () => {
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
          (pieces) => {
            const hash = ports.createSha256();
            for (const piece of pieces) hash.update(piece);
            const expected = createHash("sha256");
            for (const piece of pieces) expected.update(piece);
            expect(hex(hash.digest())).toBe(expected.digest("hex"));
          },
        ),
      );
    });

    it("gives the CRC-32 of what it was fed, in any pieces", () => {
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
          (pieces) => {
            let crc = 0;
            for (const piece of pieces) crc = ports.crc32(piece, crc);
            expect(crc).toBe(crc32(Buffer.concat(pieces)));
          },
        ),
      );
    });
  });

  describe(`${name}: compression`, () => {
    const texts: [string, Uint8Array][] = [
      ["nothing", new Uint8Array(0)],
      ["a little", new TextEncoder().encode("a little")],
      ["much that repeats", new Uint8Array(3_000_000).fill(97)],
      ["much that is random", new Uint8Array(randomBytes(700_000))],
    ];

    it.each(texts)("writes one gzip member around %s", async (_, plain) => {
      const zipped = await collect(ports.gzip(inPieces(plain, 10_000)));
      expect(hex(zipped.subarray(0, 3))).toBe("1f8b08");
      expect(Buffer.compare(gunzipSync(zipped), Buffer.from(plain))).toBe(0);
    });

    it.each(texts)("expands raw deflate of %s", async (_, plain) => {
      const deflated = new Uint8Array(deflateRawSync(plain));
      for (const size of [7, 65_536, 10_000_000])
        if (size > 7 || deflated.length < 10_000)
          expect(
            Buffer.compare(
              await collect(ports.inflateRaw(inPieces(deflated, size))),
              plain,
            ),
          ).toBe(0);
    });

    const deflated = new Uint8Array(
      deflateRawSync(new TextEncoder().encode("one two three ".repeat(300))),
    );

    it("fails at every cut", async () => {
      for (let length = 0; length < deflated.length; length += 1)
        await expect(
          collect(ports.inflateRaw(inPieces(deflated.subarray(0, length), 16))),
          `cut at ${length}`,
        ).rejects.toThrow();
    });

    it("fails on what is no deflate data", async () => {
      await expect(
        collect(ports.inflateRaw(inPieces(fromHex("ffffffffffff"), 2))),
      ).rejects.toThrow();
    });

    it.each(["gzip", "inflateRaw"] as const)(
      "%s hands on the error of its source",
      async (transform) => {
        async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
          yield deflated.subarray(0, 10);
          throw new Error("the disk is gone");
        }
        await expect(collect(ports[transform](broken()))).rejects.toThrow(
          "the disk is gone",
        );
      },
    );

    it.each(["gzip", "inflateRaw"] as const)(
      "%s closes its source when its reader goes away",
      async (transform) => {
        const big = new Uint8Array(
          transform === "gzip"
            ? randomBytes(4_000_000)
            : deflateRawSync(randomBytes(4_000_000)),
        );
        let close: () => void = () => undefined;
        const closed = new Promise<void>((resolve) => {
          close = resolve;
        });
        async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
          try {
            yield* inPieces(big, 65_536);
          } finally {
            close();
          }
        }
        for await (const piece of ports[transform](source())) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
        await closed;
      },
    );

    it.each(["gzip", "inflateRaw"] as const)(
      "%s reads no further ahead than a few pieces",
      async (transform) => {
        const big = new Uint8Array(
          transform === "gzip"
            ? randomBytes(8_000_000)
            : deflateRawSync(randomBytes(8_000_000)),
        );
        let read = 0;
        async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
          for await (const piece of inPieces(big, 65_536)) {
            read += piece.length;
            yield piece;
          }
        }
        let out = 0;
        for await (const piece of ports[transform](source())) {
          out += piece.length;
          expect(read - out).toBeLessThan(1_500_000);
        }
        expect(out).toBeGreaterThan(7_900_000);
      },
    );
  });
};

/**
 * That `inflateRaw` refuses bytes after the end. `DecompressionStream` of Node 20 does not, against its standard, which
 * is why this is apart.
 */
export const describeInflateRawEnd = (
  name: string,
  ports: Pick<BackupFilePorts, "inflateRaw">,
): void => {
  describe(`${name}: the end of deflate data`, () => {
    const deflated = new Uint8Array(
      deflateRawSync(new TextEncoder().encode("one two three ".repeat(300))),
    );

    it.each([
      ["in the same piece", 1_000_000],
      ["in a piece of its own", deflated.length],
    ])("fails when a byte follows %s", async (_, size) => {
      for (const byte of [0, 1, 0x1f])
        await expect(
          collect(
            ports.inflateRaw(inPieces(Uint8Array.of(...deflated, byte), size)),
          ),
        ).rejects.toThrow();
    });

    it("fails when much follows", async () => {
      const long = new Uint8Array(deflated.length + 1_000_000);
      long.set(deflated);
      await expect(
        collect(ports.inflateRaw(inPieces(long, 1000))),
      ).rejects.toThrow();
    });
  });
};
