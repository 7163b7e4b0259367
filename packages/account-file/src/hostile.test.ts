import { deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import { createPortablePorts } from "@carryover/backup-file";
import { describe, expect, it } from "vitest";
import type { AccountFileLimits } from "./limits.js";
import { verifyBackupAccountFile } from "./open-account-file.js";
import { paddingFor } from "./padding.js";
import type { AccountFileSecret } from "./protection/types.js";
import { inspectBackupAccountFile } from "./inspect-account-file.js";
import { flip, join, streamOfBytes, utf8 } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import {
  passphraseFile,
  payloadOf,
  type PayloadParts,
  rawFile,
} from "./testing/raw-file.js";
import {
  createKeyPair,
  noise,
  sampleDatabase,
  stanzaRecipient,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";

// Files that are authentic, by somebody who has the key and makes them wrong.

const { identity, recipient } = await createKeyPair();
const secret: AccountFileSecret = {
  kind: "identities",
  identities: [identity],
};
const verify = (
  file: Uint8Array,
  limits: Partial<AccountFileLimits> = {},
  with_: AccountFileSecret = secret,
) =>
  codeOf(
    verifyBackupAccountFile({
      file: streamOfBytes(file, 50_000),
      secret: with_,
      limits,
    }),
  );
const database = sampleDatabase(3000);
const passphrase = "long enough";
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

describe("a passphrase's work factor", () => {
  const claimed = (workFactor: string) =>
    rawFile(payloadOf(database), [
      stanzaRecipient(
        ["scrypt", "AAAAAAAAAAAAAAAAAAAAAA", workFactor],
        noise(32),
      ),
    ]);
  let derived = 0;
  const countingPorts = {
    ...createPortablePorts(),
    scrypt: () => {
      derived += 1;
      return Promise.resolve(new Uint8Array(32));
    },
  };
  const open = (file: Uint8Array, limits: Partial<AccountFileLimits> = {}) =>
    codeOf(
      verifyBackupAccountFile({
        file: streamOfBytes(file),
        secret: { kind: "passphrase", passphrase },
        limits,
        ports: countingPorts,
      }),
    );

  it.each(["21", "22", "30", "99", "999999999"])(
    "of %s is refused before any work",
    async (workFactor) => {
      derived = 0;
      expect(await open(await claimed(workFactor))).toBe("workFactorTooHigh");
      expect(derived).toBe(0);
    },
  );

  it("up to 20 is worked at, or less where an app wants", async () => {
    derived = 0;
    expect(await open(await claimed("20"))).toBe("wrongPassphrase");
    expect(derived).toBe(1);
    expect(await open(await claimed("19"), { maxScryptWorkFactor: 18 })).toBe(
      "workFactorTooHigh",
    );
    expect(derived).toBe(1);
  });

  it.each(["0", "015", "-1", "1e3", "18x", "9999999999", "+18"])(
    "of %s is altered",
    async (workFactor) => {
      expect(await open(await claimed(workFactor))).toBe("altered");
    },
  );

  it.each([1, 4, 10])("of %i, as another tool may choose, opens", async (n) => {
    const file = await passphraseFile(database, passphrase, n);
    expect(await verify(file, {}, { kind: "passphrase", passphrase })).toBe(
      "none",
    );
    expect(
      await verify(file, {}, { kind: "passphrase", passphrase: "another" }),
    ).toBe("wrongPassphrase");
  });

  it.each([0, 14, 21, 17.5, NaN])(
    "of %d is not written with",
    async (workFactor) => {
      const protection = {
        kind: "passphrase",
        passphrase,
        workFactor,
      } as const;
      expect(await codeOf(writeFile(database, protection))).toBe(
        "workFactorInvalid",
      );
    },
  );

  it("that the device cannot do is said, not crashed on", async () => {
    const secret_ = { kind: "passphrase", passphrase } as const;
    const ports = {
      ...createPortablePorts(),
      scrypt: () => Promise.reject(new RangeError("out of memory")),
    };
    const file = streamOfBytes(await claimed("20"));
    expect(
      await codeOf(verifyBackupAccountFile({ file, secret: secret_, ports })),
    ).toBe("workFactorTooHigh");
  });
});

describe("a passphrase", () => {
  it.each([
    "",
    "seven77",
    "\ud800 is half a letter",
    // Four letters, though eight characters when each accent is one of its own.
    "e\u0301e\u0301e\u0301e\u0301",
  ])("%j is not written with", async (passphrase) => {
    const protection = { kind: "passphrase", passphrase } as const;
    expect(await codeOf(writeFile(database, protection))).toBe(
      "passphraseInvalid",
    );
  });
});

const key = await walletKeyOf(3, noise(32));

describe("an age header", () => {
  const wallet = (...args: string[]) =>
    stanzaRecipient(["carryover/wallet-signature", ...args], new Uint8Array(0));
  const salt = Buffer.from(noise(32)).toString("base64").replace("=", "");
  const scrypt = stanzaRecipient(
    ["scrypt", "AAAAAAAAAAAAAAAAAAAAAA", "10"],
    noise(32),
  );

  it.each<[string, string, readonly (string | ReturnType<typeof wallet>)[]]>([
    ["scrypt with another recipient", "altered", [scrypt, recipient]],
    ["scrypt twice", "altered", [scrypt, scrypt]],
    ["no stanza", "altered", [{ wrapFileKey: () => [] }]],
    ["two wallet stanzas", "altered", [wallet("1", salt), wallet("1", salt)]],
    ["a wallet stanza without a salt", "altered", [wallet("1")]],
    ["a short salt", "altered", [wallet("1", salt.slice(0, -2))]],
    ["a salt with padding", "altered", [wallet("1", `${salt}=`)]],
    ["more arguments", "altered", [wallet("1", salt, "more")]],
    ["no version", "altered", [wallet("x", salt)]],
    ["a later wallet text", "versionUnsupported", [wallet("2", "else")]],
  ])("with %s is %s", async (_, code, recipients) => {
    const file = await rawFile(payloadOf(database), recipients);
    expect(
      await codeOf(inspectBackupAccountFile({ file: streamOfBytes(file) })),
    ).toBe(code);
    expect(await verify(file, {}, { kind: "walletSignature", key })).toBe(code);
  });
});

const files = {
  passphrase: await passphraseFile(database, passphrase),
  walletSignature: await writeFile(database, {
    kind: "walletSignature",
    key,
  }),
  identities: await writeFile(database, {
    kind: "recipients",
    recipients: [recipient],
  }),
};
const secrets: Record<keyof typeof files, AccountFileSecret> = {
  passphrase: { kind: "passphrase", passphrase },
  walletSignature: { kind: "walletSignature", key },
  identities: secret,
};

describe("a secret of another kind than the file's", () => {
  it.each([
    ["passphrase", "walletSignature"],
    ["passphrase", "identities"],
    ["walletSignature", "passphrase"],
    ["identities", "passphrase"],
    ["identities", "walletSignature"],
  ] as const)("%s for %s is told so", async (file, kind) => {
    expect(await verify(files[file], {}, secrets[kind])).toBe(
      "protectionMismatch",
    );
  });

  it("is told from a wrong one", async () => {
    const other = await createKeyPair();
    expect(
      await verify(
        files.passphrase,
        {},
        {
          kind: "passphrase",
          passphrase: "Long enough",
        },
      ),
    ).toBe("wrongPassphrase");
    expect(
      await verify(
        files.walletSignature,
        {},
        {
          kind: "walletSignature",
          key: await walletKeyOf(4, noise(32)),
        },
      ),
    ).toBe("wrongWallet");
    expect(
      await verify(
        files.walletSignature,
        {},
        {
          kind: "walletSignature",
          key: await walletKeyOf(3, noise(32, 2)),
        },
      ),
    ).toBe("wrongWallet");
    expect(
      await verify(
        files.identities,
        {},
        {
          kind: "identities",
          identities: [other.identity],
        },
      ),
    ).toBe("wrongIdentity");
  });

  it.each<[string, readonly string[]]>([
    ["none", []],
    ["nonsense", ["AGE-SECRET-KEY-1NONSENSE"]],
    ["a public key", [recipient]],
  ])("of age that is %s is refused", async (_, identities) => {
    expect(
      await verify(files.identities, {}, { kind: "identities", identities }),
    ).toBe("identityInvalid");
  });

  it.each<[string, readonly string[]]>([
    ["none", []],
    ["nonsense", ["age1nonsense"]],
    ["a secret key", [identity]],
  ])("of age to write for that is %s is refused", async (_, recipients) => {
    const protection = { kind: "recipients", recipients } as const;
    expect(await codeOf(writeFile(database, protection))).toBe(
      "recipientInvalid",
    );
  });
});

describe("without the secret", () => {
  const inspect = async (file: Uint8Array) =>
    inspectBackupAccountFile({ file: streamOfBytes(file, 7) });

  it("one sees how a file is protected, and nothing else", async () => {
    const container = "age-encryption.org/v1";
    const salt = noise(32);
    expect(
      await inspect(await passphraseFile(database, passphrase, 3)),
    ).toEqual({
      container,
      protection: { kind: "passphrase", workFactor: 3 },
    });
    expect(
      await inspect(
        await writeFile(database, {
          kind: "walletSignature",
          key: await walletKeyOf(9, salt),
        }),
      ),
    ).toEqual({ container, protection: { kind: "walletSignature", salt } });
    expect(
      await inspect(
        await writeFile(database, {
          kind: "recipients",
          recipients: [recipient, recipient],
        }),
      ),
    ).toEqual({
      container,
      protection: { kind: "recipients", stanzaTypes: ["X25519", "X25519"] },
    });
    expect(
      await inspect(
        await rawFile(payloadOf(database), [
          stanzaRecipient(["age-encryption.org/fido2prf", "x"], noise(32)),
        ]),
      ),
    ).toEqual({ container, protection: { kind: "passkey" } });
  });

  it("no id, address, date or network is in the file's clear part", async () => {
    const key = await walletKeyOf(9, noise(32));
    for (const protection of [
      { kind: "passphrase", passphrase: "long enough", workFactor: 15 },
      { kind: "walletSignature", key },
      { kind: "recipients", recipients: [recipient] },
    ] as const) {
      const file = await writeFile(database, protection);
      const clear = Buffer.from(file).toString("latin1");
      for (const word of ["0a0a0a", "1b1b1b", "acacac", "local", "17900"])
        expect(clear.toLowerCase().slice(0, 600)).not.toContain(word);
      expect(clear).not.toContain(key.address.slice(2));
    }
  });

  it("only the first bytes are read, and the file is let go", async () => {
    const file = await writeFile(sampleDatabase(300_000), {
      kind: "recipients",
      recipients: [recipient],
    });
    let pulled = 0;
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(file.slice(pulled, pulled + 1000));
          pulled += 1000;
        },
        cancel() {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    await inspectBackupAccountFile({ file: stream });
    expect(pulled).toBe(1000);
    expect(cancelled).toBe(true);
  });

  it("names of stanzas are bounded", async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      stanzaRecipient([`kind-${n}`], utf8("x")),
    );
    const { protection } = await inspect(await rawFile(utf8("x"), many));
    expect(protection).toEqual({
      kind: "recipients",
      stanzaTypes: Array.from({ length: 20 }, (_, n) => `kind-${n}`),
    });
  });
});
