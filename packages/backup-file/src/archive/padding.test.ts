import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BackupElementRecord } from "../element/view.js";
import { readAll } from "../bytes/streams.js";
import { expandedPerBuffer, modelImport } from "../testing/importer-model.js";
import {
  sampleGroup,
  sampleMessage,
  sampleMetadata,
} from "../testing/samples.js";
import { createPaddingPlan, EMPTY_RECORD_BYTES } from "./padding.js";
import { writeXmtpArchive } from "./write-archive.js";

const key = new Uint8Array(32).fill(3);
// The cipher decides no sizes; a fast one keeps this test about padding.
const ports = {
  aes256Gcm: {
    seal: (_key: Uint8Array, _nonce: Uint8Array, plain: Uint8Array) =>
      new Uint8Array(plain.length + 16),
    open: () => undefined,
  },
};

const write = async (
  elements: readonly BackupElementRecord[],
  padding: "importer" | "none",
) => {
  const { archive, finished } = writeXmtpArchive({
    elements,
    key,
    ports,
    padding,
  });
  const bytes = await readAll(archive);
  return { bytes, ...(await finished) };
};

/** What the writer puts into the frame, record by record. */
const recordsOf = (
  elements: readonly BackupElementRecord[],
  padding: "importer" | "none",
): number[] => {
  const plan = createPaddingPlan();
  return elements.flatMap(({ bytes }) => {
    const size = bytes.length + EMPTY_RECORD_BYTES;
    const empty = padding === "none" ? 0 : plan.before(size);
    return [...new Array<number>(empty).fill(EMPTY_RECORD_BYTES), size];
  });
};

const history = (sizes: readonly number[]): BackupElementRecord[] => [
  sampleMetadata(),
  sampleGroup(0),
  ...sizes.map((size, n) => sampleMessage(0, n, new Uint8Array(size))),
];

const size = fc.oneof(
  fc.nat({ max: 300 }),
  fc.integer({ min: 600, max: 1100 }),
  fc.nat({ max: 10_000 }),
  fc.nat({ max: 200_000 }),
  fc.constantFrom(
    0,
    1,
    700,
    960,
    980,
    1000,
    1004,
    1020,
    1024,
    1028,
    2048,
    8172,
    8192,
    1_000_000,
  ),
);
const sizes = fc.oneof(
  fc.array(size, { maxLength: 60 }),
  size.chain((same) => fc.array(fc.constant(same), { maxLength: 60 })),
);
const bufferBytes = [4096, 8192, 16_384, 65_536];

describe("padding", () => {
  it("keeps the importer from forgetting the length of any record", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const elements = history(lengths);
        const { bytes } = await write(elements, "importer");
        const records = recordsOf(elements, "importer");
        for (const buffer of bufferBytes)
          expect(
            modelImport(records, expandedPerBuffer(bytes, buffer)),
          ).toMatchObject({ imported: records.length, forgot: false });
      }),
      { numRuns: 150 },
    );
  });

  it("is needed: without it the importer forgets", async () => {
    const elements = history(new Array<number>(20).fill(5000));
    const { bytes } = await write(elements, "none");
    const records = recordsOf(elements, "none");
    expect(modelImport(records, expandedPerBuffer(bytes, 8192)).forgot).toBe(
      true,
    );
  });

  it("costs a history of short messages nothing", async () => {
    const { emptyRecordCount } = await write(
      history(new Array<number>(1000).fill(80)),
      "importer",
    );
    expect(emptyRecordCount).toBe(0);
  });

  it("costs long messages a fiftieth of their size, and does not make the importer read far ahead", async () => {
    const elements = history(new Array<number>(10).fill(1_000_000));
    const { bytes, emptyRecordCount } = await write(elements, "importer");
    expect(emptyRecordCount * EMPTY_RECORD_BYTES).toBeLessThan(
      bytes.length / 40,
    );
    const records = recordsOf(elements, "importer");
    const { maxAhead } = modelImport(records, expandedPerBuffer(bytes, 8192));
    expect(maxAhead).toBeLessThan(1_000_000 + 0.03 * bytes.length);
  });

  it("is written exactly as planned", async () => {
    const elements = history([0, 5000, 10, 70_000, 900]);
    const { bytes, emptyRecordCount, elementCount } = await write(
      elements,
      "importer",
    );
    const records = recordsOf(elements, "importer");
    expect(emptyRecordCount + elementCount).toBe(records.length);
    const total = records.reduce((sum, record) => sum + record, 0);
    const blocks = Math.floor(total / 131_072) + 1;
    expect(bytes.length).toBe(14 + 6 + blocks * 3 + total);
  });
});
