import { gcm } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAll } from "../bytes/streams.js";
import type { BackupElementRecord } from "../element/view.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";
import {
  collect,
  collectBytes,
  flip,
  inPieces,
  join,
  streamOfBytes,
} from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import {
  sampleConsent,
  sampleElement,
  sampleGroup,
  sampleHistory,
  sampleMessage,
  sampleMetadata,
} from "../testing/samples.js";
import { zstdStore } from "../zstd/stored.js";
import { createCountingNonce } from "./nonce.js";
import { readXmtpArchive } from "./read-archive.js";
import { writeXmtpArchive } from "./write-archive.js";

const key = Uint8Array.from({ length: 32 }, (_, i) => i);

const write = (
  elements: readonly BackupElementRecord[],
  options: { padding?: "importer" | "none"; archiveVersion?: number } = {},
) => readAll(writeXmtpArchive({ elements, key, ...options }).archive);

const read = async (
  bytes: Uint8Array,
  options: {
    pieceSize?: number;
    key?: Uint8Array;
    limits?: Partial<BackupFileLimits>;
  } = {},
) => {
  const reader = await readXmtpArchive({
    archive: streamOfBytes(bytes, options.pieceSize),
    key: options.key ?? key,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const elements = await collect(reader.elements);
  return { elements, ...reader.end(), metadata: reader.metadata };
};
const bytesOf = (elements: readonly BackupElementRecord[]) =>
  elements.map(({ bytes }) => Buffer.from(bytes).toString("hex"));

/** An archive of any records, sealed here: plain bytes, or ciphertext with whatever length before it. */
const craft = async (
  plains: readonly Uint8Array[],
  nonces: "counting" | "repeated" = "counting",
  after: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> => {
  const start = new Uint8Array(12).fill(255, 0, 2);
  const nonce = createCountingNonce(start);
  const records = plains.map((plain) => {
    const sealed = gcm(key, nonce.bytes).encrypt(plain);
    if (nonces === "counting") nonce.next();
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, sealed.length, true);
    return join(length, sealed);
  });
  const frame = await collectBytes(
    zstdStore(inPieces(join(...records, after))),
  );
  return join(Uint8Array.of(0, 0), start, frame);
};

describe("an XMTP archive", () => {
  it("gives back any elements, in any pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 5000 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 70_000 }),
        async (lengths, pieceSize) => {
          const elements = [
            sampleMetadata(),
            sampleGroup(0),
            ...lengths.map((length, n) =>
              sampleMessage(0, n, new Uint8Array(length).fill(n)),
            ),
            sampleConsent(0),
          ];
          const { elements: found } = await read(await write(elements), {
            pieceSize,
          });
          expect(bytesOf(found)).toEqual(bytesOf(elements));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is read byte by byte", async () => {
    const elements = sampleHistory(2, 3);
    const { elements: found } = await read(await write(elements), {
      pieceSize: 1,
    });
    expect(bytesOf(found)).toEqual(bytesOf(elements));
  });

  it("carries elements of unknown kinds and unknown fields", async () => {
    const strange = [
      sampleMetadata(),
      ...[9, 31].map((n) => ({
        ...sampleConsent(n),
        bytes: join(sampleConsent(n).bytes, Uint8Array.of(0xfa, 0x3e, 2, 1, n)),
      })),
    ];
    const { elements } = await read(await write(strange));
    expect(bytesOf(elements)).toEqual(bytesOf(strange));
  });

  it("tells elements from padding", async () => {
    const elements = [
      sampleMetadata(),
      sampleGroup(0),
      sampleMessage(0, 1, new Uint8Array(9000)),
    ];
    const found = await read(await write(elements));
    expect(found.emptyRecordCount).toBeGreaterThan(5);
    expect(found.elementCount).toBe(3);
    const bare = await read(await write(elements, { padding: "none" }));
    expect(bare.emptyRecordCount).toBe(0);
  });

  it("of before November 2025, with one nonce for all records, opens", async () => {
    const elements = sampleHistory(1, 4);
    const found = await read(
      await craft(
        elements.map(({ bytes }) => bytes),
        "repeated",
      ),
    );
    expect(bytesOf(found.elements)).toEqual(bytesOf(elements));
    expect(found.nonces).toBe("repeated");
    expect((await read(await write(elements))).nonces).toBe("counting");
  });

  it("counts its nonce up little-endian, round the end", () => {
    const nonce = createCountingNonce(new Uint8Array(12).fill(255, 0, 11));
    nonce.next();
    expect([...nonce.bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    const last = createCountingNonce(new Uint8Array(12).fill(255));
    last.next();
    expect([...last.bytes]).toEqual(new Array(12).fill(0));
  });

  it("cut anywhere is an error", async () => {
    const archive = await write(sampleHistory(1, 2));
    for (let length = 0; length < archive.length; length += 1)
      expect(["archiveHeaderInvalid", "archiveTruncated"]).toContain(
        await codeOf(read(archive.subarray(0, length))),
      );
  });

  it("with any byte changed is an error", async () => {
    const archive = await write(sampleHistory(1, 2));
    for (let at = 0; at < archive.length; at += 1) {
      const code = await codeOf(read(flip(archive, at, at % 8)));
      // The window that the frame asks for can be another.
      if (at !== 19) expect(code, `byte ${at}`).not.toBe("none");
    }
  });

  it("cut inside a record, in a frame that is whole, is truncated", async () => {
    const record = Uint8Array.of(40, 0, 0, 0, 1, 2, 3);
    for (let length = 1; length <= record.length; length += 1)
      expect(
        await codeOf(
          read(
            await craft(
              [sampleMetadata().bytes],
              "counting",
              record.subarray(0, length),
            ),
          ),
        ),
      ).toBe("recordTruncated");
  });

  it("cut between records, in a frame that is whole, cannot be told from a shorter one", async () => {
    const { elements } = await read(
      await craft([sampleMetadata().bytes, sampleGroup(1).bytes]),
    );
    expect(elements.length).toBe(2);
  });

  it("with a length of four gigabytes is refused before anything is set aside", async () => {
    const huge = Uint8Array.of(255, 255, 255, 255);
    expect(
      await codeOf(
        read(await craft([sampleMetadata().bytes], "counting", huge)),
      ),
    ).toBe("recordTooLarge");
  });

  it.each([
    [-1, "recordTooLarge"],
    [0, "none"],
  ])(
    "with a record that is %i bytes from the limit: %s",
    async (distance, code) => {
      const message = sampleMessage(0, 1, new Uint8Array(1000));
      const archive = await craft([sampleMetadata().bytes, message.bytes]);
      const limits = { maxElementBytes: message.bytes.length + distance };
      expect(await codeOf(read(archive, { limits }))).toBe(code);
    },
  );

  it.each([
    ["another key", new Uint8Array(32), "archiveKeyMismatch"],
    ["a key that is too short", new Uint8Array(31), "archiveKeyInvalid"],
  ])("with %s is refused", async (_, other, code) => {
    const archive = await write(sampleHistory(1, 1));
    expect(await codeOf(read(archive, { key: other }))).toBe(code);
  });

  it("with a later record of another key is altered", async () => {
    const one = await craft([sampleMetadata().bytes]);
    const record = gcm(new Uint8Array(32), new Uint8Array(12)).encrypt(
      new Uint8Array(4),
    );
    const frame = await craft(
      [sampleMetadata().bytes],
      "counting",
      join(Uint8Array.of(record.length, 0, 0, 0), record),
    );
    expect(await codeOf(read(frame))).toBe("recordAltered");
    expect(await codeOf(read(one))).toBe("none");
  });

  it("with its first record again later is altered, whatever nonces early versions used", async () => {
    const metadata = sampleMetadata().bytes;
    const first = gcm(key, new Uint8Array(12).fill(255, 0, 2)).encrypt(
      metadata,
    );
    const again = join(Uint8Array.of(first.length, 0, 0, 0), first);
    const archive = await craft(
      [metadata, sampleGroup(1).bytes],
      "counting",
      again,
    );
    expect(await codeOf(read(archive))).toBe("recordAltered");
  });

  it("with a record twice is altered", async () => {
    const group = sampleGroup(1).bytes;
    const archive = await craft([sampleMetadata().bytes, group, group]);
    const record = 20 + group.length;
    const first = archive.length - 2 * record;
    archive.copyWithin(first + record, first, first + record);
    expect(await codeOf(read(archive))).toBe("recordAltered");
  });

  it.each([
    ["nothing", []],
    ["only padding", [new Uint8Array(0), new Uint8Array(0)]],
    ["a group first", [sampleGroup(0).bytes]],
  ])("with %s has no metadata", async (_, plains) => {
    expect(await codeOf(read(await craft(plains)))).toBe(
      "archiveMetadataMissing",
    );
  });

  it("with a record that is no element is invalid", async () => {
    expect(
      await codeOf(
        read(await craft([sampleMetadata().bytes, Uint8Array.of(7)])),
      ),
    ).toBe("recordInvalid");
  });

  it("of another version is refused", async () => {
    const archive = await write(sampleHistory(1, 1), { archiveVersion: 1 });
    expect(await codeOf(read(archive))).toBe("archiveVersionUnsupported");
  });

  it("followed by anything has trailing data", async () => {
    const archive = await write(sampleHistory(1, 1));
    expect(await codeOf(read(join(archive, Uint8Array.of(0))))).toBe(
      "trailingData",
    );
  });

  it("is not written without metadata first", async () => {
    for (const elements of [[], [sampleGroup(0), sampleMetadata()]])
      expect(await codeOf(write(elements))).toBe("archiveMetadataMissing");
  });

  it("is not written with a key of another length", async () => {
    const { archive, finished } = writeXmtpArchive({
      elements: sampleHistory(1, 1),
      key: new Uint8Array(16),
    });
    expect(await codeOf(readAll(archive))).toBe("archiveKeyInvalid");
    expect(await codeOf(finished)).toBe("archiveKeyInvalid");
  });

  it("stops being written when its reader goes away", async () => {
    let ended = false;
    async function* elements() {
      try {
        yield sampleMetadata();
        for (let n = 0; ; n += 1)
          yield sampleMessage(0, n, new Uint8Array(50_000));
      } finally {
        ended = true;
      }
    }
    const { archive, finished } = writeXmtpArchive({
      elements: elements(),
      key,
    });
    const reader = archive.getReader();
    // Header, start of the frame, first block.
    for (let i = 0; i < 3; i += 1) await reader.read();
    await reader.cancel();
    expect(await codeOf(finished)).toBe("aborted");
    expect(ended).toBe(true);
  });

  it("lets its stream go when it is not read to the end", async () => {
    const bytes = await write(sampleHistory(3, 100));
    let cancelled = false;
    const archive = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.subarray(0, 3000)),
      cancel() {
        cancelled = true;
      },
    });
    // The frame's first block is longer than what has come, so nothing is there to be read yet.
    const controller = new AbortController();
    const opening = readXmtpArchive({
      archive,
      key,
      signal: controller.signal,
    });
    controller.abort();
    expect(await codeOf(opening)).toBe("aborted");
    expect(cancelled).toBe(true);
  });

  it("hands on what its source of elements throws", async () => {
    async function* elements() {
      yield sampleMetadata();
      throw new BackupFileError("sourceFailed", "the disk is gone");
    }
    const { archive } = writeXmtpArchive({ elements: elements(), key });
    expect(await codeOf(readAll(archive))).toBe("sourceFailed");
  });

  it("never gives anything but a typed error for what is no archive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (noise) => {
        const frame = join(
          Uint8Array.of(0, 0),
          new Uint8Array(12),
          Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
          noise,
        );
        for (const bytes of [noise, frame])
          expect(await codeOf(read(bytes))).not.toBe("none");
      }),
    );
  });

  it("says what its metadata says", async () => {
    const { metadata } = await read(
      await write([
        sampleElement({
          case: "metadata",
          value: { elements: [1], exportedAtNs: 5n, startNs: 1n, endNs: 2n },
        }),
      ]),
    );
    expect(metadata).toEqual({
      kind: "metadata",
      exportedAtNs: 5n,
      startNs: 1n,
      endNs: 2n,
      selection: ["messages"],
    });
  });
});
