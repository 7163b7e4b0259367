import { scrypt } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPortablePorts } from "@carryover/backup-file";
import { measureDatabase } from "./database.js";
import {
  openBackupAccountFile,
  verifyBackupAccountFile,
} from "./open-account-file.js";
import type { AccountFilePorts } from "./ports.js";
import type {
  AccountFileProtection,
  AccountFileSecret,
} from "./protection/types.js";
import { collect, streamOfBytes } from "./testing/bytes.js";
import { passphraseFile } from "./testing/raw-file.js";
import {
  createKeyPair,
  measure,
  sampleDatabase,
  sampleHeader,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";
import { writeBackupAccountFile } from "./write-account-file.js";

const { identity, recipient } = await createKeyPair();
const toRecipient: AccountFileProtection = {
  kind: "recipients",
  recipients: [recipient],
};
const withIdentity: AccountFileSecret = {
  kind: "identities",
  identities: [identity],
};
const passphrase = "correct horse battery staple";
const walletKey = await walletKeyOf(7, new Uint8Array(32).fill(5));

/** Whether bytes are these; `toEqual` takes its time with long ones. */
const same = (expected: Uint8Array) => (bytes: Uint8Array) =>
  Buffer.compare(bytes, expected) === 0;

const open = (
  file: Uint8Array,
  secret: AccountFileSecret,
  pieceSize?: number,
) =>
  openBackupAccountFile({
    file: streamOfBytes(file, pieceSize),
    secret,
  });

describe("a Backup Account File", () => {
  const kinds: [string, AccountFileProtection, AccountFileSecret][] = [
    [
      "a passphrase",
      { kind: "passphrase", passphrase, workFactor: 15 },
      { kind: "passphrase", passphrase },
    ],
    [
      "a wallet's signature",
      { kind: "walletSignature", key: walletKey },
      { kind: "walletSignature", key: walletKey },
    ],
    ["an age key", toRecipient, withIdentity],
    [
      "a wallet's signature, opened with the age key that comes of it",
      { kind: "walletSignature", key: walletKey },
      { kind: "identities", identities: [walletKey.identity] },
    ],
  ];

  it.each(kinds)("comes back under %s", async (_, protection, secret) => {
    const database = sampleDatabase(200_000);
    const opened = await open(await writeFile(database, protection), secret);
    expect(opened.header).toEqual({
      version: 1,
      role: "BACKUP",
      ...sampleHeader,
      database: { codec: "gzip", ...measure(database) },
    });
    expect(opened.unknownFields).toEqual([]);
    expect(await collect(opened.database)).toSatisfy(same(database));
  });

  it.each<[string, () => Promise<Uint8Array>, AccountFileSecret]>([
    [
      "a passphrase",
      () => passphraseFile(sampleDatabase(100), passphrase),
      { kind: "passphrase", passphrase },
    ],
    [
      "a wallet's signature",
      () =>
        writeFile(sampleDatabase(100), {
          kind: "walletSignature",
          key: walletKey,
        }),
      { kind: "walletSignature", key: walletKey },
    ],
  ])(
    "that was opened under %s tells how to protect the next copy",
    async (_, make, secret) => {
      const first = await open(await make(), secret);
      expect(first.sameProtection).toMatchObject(secret);
      const next = sampleDatabase(5000);
      const again = await writeFile(next, first.sameProtection ?? toRecipient, {
        header: { ...sampleHeader, sequence: 3 },
      });
      const second = await open(again, secret);
      expect(second.header.sequence).toBe(3);
      expect(await collect(second.database)).toEqual(next);
    },
  );

  it("for several age keys opens with each of them, and names none for the next copy", async () => {
    const other = await createKeyPair();
    const file = await writeFile(sampleDatabase(100), {
      kind: "recipients",
      recipients: [recipient, other.recipient],
    });
    for (const key of [identity, other.identity]) {
      const opened = await open(file, {
        kind: "identities",
        identities: [key],
      });
      expect(opened.sameProtection).toBeUndefined();
      expect(await collect(opened.database)).toSatisfy(
        same(sampleDatabase(100)),
      );
    }
  });

  it("for a post-quantum key opens with it", async () => {
    const { generateHybridIdentity, identityToRecipient } =
      await import("age-encryption");
    const hybrid = await generateHybridIdentity();
    const file = await writeFile(sampleDatabase(100), {
      kind: "recipients",
      recipients: [await identityToRecipient(hybrid)],
    });
    const opened = await open(file, {
      kind: "identities",
      identities: [hybrid],
    });
    expect(await collect(opened.database)).toSatisfy(same(sampleDatabase(100)));
  });

  it("made by portable scrypt opens by OpenSSL's, and the other way", async () => {
    const portable = createPortablePorts();
    const native: AccountFilePorts = {
      ...portable,
      scrypt: (passphraseBytes, salt, workFactor) =>
        new Promise((resolve, reject) => {
          const N = 2 ** workFactor;
          const options = { N, r: 8, p: 1, maxmem: 256 * 8 * N };
          scrypt(passphraseBytes, salt, 32, options, (error, key) => {
            if (error === null) resolve(new Uint8Array(key));
            else reject(error);
          });
        }),
    };
    for (const [writing, reading] of [
      [portable, native],
      [native, portable],
    ] as const) {
      const file = await writeFile(
        sampleDatabase(50),
        { kind: "passphrase", passphrase, workFactor: 15 },
        { ports: writing },
      );
      const opened = await openBackupAccountFile({
        file: streamOfBytes(file),
        secret: { kind: "passphrase", passphrase },
        ports: reading,
      });
      expect(await collect(opened.database)).toEqual(sampleDatabase(50));
    }
  });

  it("takes a passphrase in either Unicode form", async () => {
    const file = await passphraseFile(
      sampleDatabase(50),
      "caf\u0065\u0301 cr\u00e8me",
    );
    const opened = await open(file, {
      kind: "passphrase",
      passphrase: "caf\u00e9 cre\u0300me",
    });
    expect(opened.header.sequence).toBe(2);
    await opened.database.cancel();
  });

  it("never comes out the same twice", async () => {
    const files = await Promise.all(
      [1, 2].map(() => writeFile(sampleDatabase(100), toRecipient)),
    );
    const [first, second] = files.map((file) =>
      Buffer.from(file).toString("hex"),
    );
    expect(first).not.toBe(second);
  });

  it("fills whole chunks, so that its size says little of the database", async () => {
    const sizes = new Set<number>();
    for (const bytes of [16, 1000, 30_000, 60_000])
      sizes.add((await writeFile(sampleDatabase(bytes), toRecipient)).length);
    expect(sizes.size).toBe(1);
  });

  it("says of itself what was written and what was read", async () => {
    const database = sampleDatabase(300_000);
    const progress: number[] = [];
    const writer = writeBackupAccountFile({
      header: sampleHeader,
      database: streamOfBytes(database, 10_000),
      measured: await measureDatabase(streamOfBytes(database, 999)),
      protection: toRecipient,
      onProgress: ({ databaseBytes }) => progress.push(databaseBytes),
    });
    const file = await collect(writer.file);
    expect(await writer.finished).toEqual(measure(file));
    expect(progress.at(-1)).toBe(database.length);
    const read: number[] = [];
    const verified = await verifyBackupAccountFile({
      file: streamOfBytes(file, 5000),
      secret: withIdentity,
      onProgress: ({ fileBytes }) => read.push(fileBytes),
    });
    expect(verified).toMatchObject(measure(file));
    expect(read.at(-1)).toBe(file.length);
  });
});

describe("chunks", () => {
  const chunk = 65_536;
  // The header and gzip take about a kilobyte before and after the database.
  const sizes = [
    ...[chunk - 1, chunk, chunk + 1].flatMap((n) => [n, n * 2]),
    ...Array.from({ length: 12 }, (_, n) => chunk - 1200 + n * 100),
  ];
  it.each(sizes)("a database of %i bytes comes back", async (bytes) => {
    const database = sampleDatabase(bytes);
    const file = await writeFile(database, toRecipient);
    for (const pieceSize of [chunk - 1, chunk + 15, chunk + 16, chunk + 17]) {
      const opened = await open(file, withIdentity, pieceSize);
      expect(await collect(opened.database)).toSatisfy(same(database));
    }
  });

  it("a file is read and a database taken byte by byte", async () => {
    const database = sampleDatabase(3000);
    const file = await writeFile(database, toRecipient, {
      database: streamOfBytes(database, 1),
    });
    const opened = await open(file, withIdentity, 1);
    expect(await collect(opened.database)).toSatisfy(same(database));
  });

  it("any database in any pieces comes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 70_000 }),
        async (bytes, databasePiece, filePiece) => {
          const database = Uint8Array.from([...sampleDatabase(16), ...bytes]);
          const file = await writeFile(database, toRecipient, {
            database: streamOfBytes(database, databasePiece),
          });
          const opened = await open(file, withIdentity, filePiece);
          expect(await collect(opened.database)).toSatisfy(same(database));
        },
      ),
      { numRuns: 25 },
    );
  });
});
