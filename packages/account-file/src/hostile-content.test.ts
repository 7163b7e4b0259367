import { deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import { createPortablePorts } from "@carryover/backup-file";
import { describe, expect, it } from "vitest";
import type { AccountFileLimits } from "./limits.js";
import { verifyBackupAccountFile } from "./open-account-file.js";
import { paddingFor } from "./padding.js";
import { flip, join, streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import { payloadOf, type PayloadParts, rawFile } from "./testing/raw-file.js";
import { noise, sampleDatabase } from "./testing/samples.js";
import {
  database,
  recipient,
  secret,
  verify,
} from "./testing/authentic-file.js";

const verifyChanged = async (
  change: (parts: PayloadParts) => Partial<PayloadParts>,
  limits: Partial<AccountFileLimits> = {},
) => verify(await rawFile(payloadOf(database, change), [recipient]), limits);

const line = (from: string, to: string) => (parts: PayloadParts) => {
  expect(parts.line).toContain(from);
  return { line: parts.line.replace(from, to) };
};
const compressed = (bytes: Uint8Array) => () => ({ compressed: bytes });

describe("an authentic file", () => {
  it("that is as it must be is whole", async () => {
    expect(await verifyChanged(() => ({}))).toBe("none");
  });

  it.each<[string, string, (parts: PayloadParts) => Partial<PayloadParts>]>([
    [
      "of a later version",
      "versionUnsupported",
      line('"version":1', '"version":2'),
    ],
    ["without an inbox", "headerInvalid", line('"inboxId"', '"inbox"')],
    ["of another role", "headerInvalid", line('"BACKUP"', '"FULL"')],
    [
      "with a header longer than any",
      "tooLarge",
      line('"version":1', `"version":1,"x":"${"x".repeat(20_000)}"`),
    ],
    [
      "that declares a byte less",
      "decompressionBomb",
      line('"sizeBytes":3000', '"sizeBytes":2999'),
    ],
    [
      "that declares a byte more",
      "databaseMismatch",
      line('"sizeBytes":3000', '"sizeBytes":3001'),
    ],
    [
      "of a database with another byte",
      "databaseMismatch",
      compressed(gzipSync(flip(database, 1000))),
    ],
    [
      "of no SQLite database",
      "databaseMismatch",
      compressed(gzipSync(noise(3000))),
    ],
    ["of no database", "databaseMismatch", compressed(gzipSync(""))],
    ["without compression", "compressionInvalid", compressed(database)],
    [
      "with raw deflate",
      "compressionInvalid",
      compressed(deflateRawSync(database)),
    ],
    ["with nothing", "compressionInvalid", compressed(new Uint8Array(0))],
    [
      "with half of it",
      "compressionInvalid",
      (parts) => ({ compressed: parts.compressed.subarray(0, 1500) }),
    ],
    [
      "with noise after the database",
      "compressionInvalid",
      (parts) => ({ compressed: join(parts.compressed, noise(100)) }),
    ],
    [
      "with a wrong checksum",
      "compressionInvalid",
      (parts) => ({
        compressed: flip(parts.compressed, parts.compressed.length - 8),
      }),
    ],
    [
      "without padding",
      "compressionInvalid",
      () => ({ padding: () => new Uint8Array(0) }),
    ],
    [
      "with zeros for padding",
      "compressionInvalid",
      () => ({
        padding: (bytes: number) => new Uint8Array(paddingFor(bytes).length),
      }),
    ],
    [
      "with something hidden in its padding",
      "compressionInvalid",
      () => ({ padding: (bytes: number) => flip(paddingFor(bytes), 100) }),
    ],
    [
      "with padding twice",
      "compressionInvalid",
      () => ({
        padding: (bytes: number) => {
          const once = paddingFor(bytes);
          return join(once, paddingFor(bytes + once.length));
        },
      }),
    ],
    [
      "with a chunk not full",
      "compressionInvalid",
      () => ({ padding: (bytes: number) => paddingFor(bytes + 100) }),
    ],
  ])("%s is %s", async (_, code, change) => {
    expect(await verifyChanged(change)).toBe(code);
  });

  it("with the database twice is refused where the platform tells the end of deflate data", async () => {
    // `DecompressionStream` of Node 20 does not.
    const strict = {
      ...createPortablePorts(),
      async *inflateRaw(source: AsyncIterable<Uint8Array>) {
        const pieces: Uint8Array[] = [];
        for await (const piece of source) pieces.push(piece);
        const input = join(...pieces);
        const { buffer, engine } = inflateRawSync(input, {
          info: true,
        }) as unknown as {
          buffer: Uint8Array;
          engine: { bytesWritten: number };
        };
        if (engine.bytesWritten !== input.length) throw new Error("more");
        yield buffer;
      },
    };
    const once = await rawFile(payloadOf(database), [recipient]);
    const twice = await rawFile(
      payloadOf(database, ({ compressed }) => ({
        compressed: join(compressed, compressed),
      })),
      [recipient],
    );
    const open = (file: Uint8Array) =>
      codeOf(
        verifyBackupAccountFile({
          file: streamOfBytes(file),
          secret,
          ports: strict,
        }),
      );
    expect(await open(once)).toBe("none");
    expect(await open(twice)).toBe("compressionInvalid");
  });

  it("for the largest padding there is comes back", async () => {
    // The one size for which the shortest padding is a byte too long: another chunk is filled with it.
    const start = payloadStart(sampleDatabase(40_000));
    const probe = sampleDatabase(40_000 + 65_536 - 28 - start);
    expect(paddingFor(payloadStart(probe))).toHaveLength(65_564);
    expect(await verify(await rawFile(payloadOf(probe), [recipient]))).toBe(
      "none",
    );
  });
});

const payloadStart = (content: Uint8Array): number => {
  let length = 0;
  payloadOf(content, () => ({
    padding: (bytes) => {
      length = bytes;
      return new Uint8Array(0);
    },
  }));
  return length;
};

describe("a bomb", () => {
  const zeros = new Uint8Array(20_000_000);
  zeros.set(sampleDatabase(16));
  const bomb = gzipSync(zeros);

  it("behind a modest header is stopped at the declared size", async () => {
    expect(await verifyChanged(compressed(bomb))).toBe("decompressionBomb");
  });

  it("that declares its size is stopped by the ratio", async () => {
    const file = await rawFile(payloadOf(zeros, compressed(bomb)), [recipient]);
    expect(await verify(file, { ratioFreeBytes: 1_000_000 })).toBe(
      "decompressionBomb",
    );
    // As empty as a fresh database may be.
    expect(await verify(file)).toBe("none");
  });

  it("that declares more than anybody takes is not begun", async () => {
    const huge = line('"sizeBytes":3000', `"sizeBytes":${2 ** 50}`);
    expect(await verifyChanged(huge)).toBe("tooLarge");
    expect(await verifyChanged(() => ({}), { maxDatabaseBytes: 2999 })).toBe(
      "tooLarge",
    );
  });
});
