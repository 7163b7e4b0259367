import { createPortablePorts } from "@carryover/backup-file";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { AccountFileError, AccountFileErrorCode } from "./errors.js";
import { inspectBackupAccountFile } from "./inspect-account-file.js";
import { verifyBackupAccountFile } from "./open-account-file.js";
import type { AccountFileSecret } from "./protection/types.js";
import { flip, join, streamOfBytes, utf8 } from "./testing/bytes.js";
import { codeOf, failureOf } from "./testing/codes.js";
import { passphraseFile, rawFile } from "./testing/raw-file.js";
import {
  createKeyPair,
  noise,
  sampleDatabase,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";

const CHUNK = 65_536 + 16;
const NONCE = 16;
const { identity, recipient } = await createKeyPair();
const secret: AccountFileSecret = {
  kind: "identities",
  identities: [identity],
};
const protection = { kind: "recipients", recipients: [recipient] } as const;
const verify = (file: Uint8Array, with_: AccountFileSecret = secret) =>
  codeOf(
    verifyBackupAccountFile({
      file: streamOfBytes(file),
      secret: with_,
    }),
  );

/** One chunk. */
let small: Uint8Array;
/** Three chunks. */
let large: Uint8Array;
let headerBytes: number;
beforeAll(async () => {
  small = await writeFile(sampleDatabase(1000), protection);
  large = await writeFile(sampleDatabase(150_000), protection);
  headerBytes = small.length - CHUNK - NONCE;
  expect(large.length).toBe(headerBytes + NONCE + 3 * CHUNK);
});

describe("a file that was cut", () => {
  it("anywhere up to its first chunk is truncated", async () => {
    for (let length = 0; length < headerBytes + NONCE + 40; length += 1)
      expect(await verify(small.subarray(0, length)), `${length}`).toBe(
        "truncated",
      );
  });

  it("anywhere in its only chunk is truncated", async () => {
    for (
      let length = headerBytes + NONCE;
      length < small.length;
      length += 4999
    )
      expect(await verify(small.subarray(0, length)), `${length}`).toBe(
        "truncated",
      );
    for (let cut = 1; cut < 40; cut += 1)
      expect(await verify(small.subarray(0, -cut)), `-${cut}`).toBe(
        "truncated",
      );
  });

  it("at or around a chunk's end is truncated", async () => {
    for (const chunk of [0, 1, 2])
      for (const more of [-17, -16, -1, 0, 1, 15, 16, 17]) {
        const length = headerBytes + NONCE + chunk * CHUNK + more;
        expect(await verify(large.subarray(0, length)), `${length}`).toBe(
          "truncated",
        );
      }
  });
});

/** A file of each kind, what opens it, and what a changed byte cannot be told from. */
async function fileOf(
  kind: "passphrase" | "walletSignature" | "recipients",
): Promise<{
  file: Uint8Array;
  opensWith: AccountFileSecret;
  says: readonly AccountFileErrorCode[];
}> {
  const database = sampleDatabase(50);
  switch (kind) {
    case "passphrase": {
      const passphrase = "long enough";
      return {
        file: await passphraseFile(database, passphrase),
        opensWith: { kind, passphrase },
        // A digit of the work factor may be any other.
        says: ["wrongPassphrase", "workFactorTooHigh"],
      };
    }
    case "walletSignature": {
      const key = await walletKeyOf(7, noise(32));
      return {
        file: await writeFile(database, { kind, key }),
        opensWith: { kind, key },
        // The version of the text may be a later one.
        says: ["wrongWallet", "versionUnsupported"],
      };
    }
    case "recipients":
      return {
        file: await writeFile(database, protection),
        opensWith: secret,
        says: ["wrongIdentity"],
      };
  }
}

/** Each of its bits turned, and what divides words and lines. */
const changesOf = (byte: number) =>
  [0, 1, 2, 3, 4, 5, 6, 7]
    .map((bit) => byte ^ (1 << bit))
    .concat(...[" ", "\n", "-", ">", "0"].map((char) => char.charCodeAt(0)))
    .filter((changed) => changed !== byte);

describe("a file of which a bit was changed", () => {
  it("anywhere in its age header is refused", async () => {
    for (let at = 0; at < headerBytes; at += 1) {
      const code = await verify(flip(small, at, at % 8));
      // In the first line it is another file; in the wrapped key it is that of another recipient; a line feed that is
      // none joins the header with what follows.
      expect(["altered", "wrongIdentity", "notAccountFile"], `${at}`).toContain(
        code,
      );
    }
  });

  it.each(["passphrase", "walletSignature", "recipients"] as const)(
    "in the first lines of its age header: %s, whatever the byte is changed to, is told what is so",
    async (kind) => {
      const { file, opensWith, says } = await fileOf(kind);
      const intro = utf8("age-encryption.org/v1\n").length;
      const end = Buffer.from(file).indexOf("\n---");
      // What takes long is not what is asked here.
      const ports = {
        ...createPortablePorts(),
        scrypt: async () => new Uint8Array(32),
      };
      for (let at = 0; at < end; at += 1)
        for (const to of changesOf(file[at] ?? 0)) {
          const changed = file.slice();
          changed[at] = to;
          const seen = await inspectBackupAccountFile({
            file: streamOfBytes(changed),
          }).then(
            ({ protection: { kind: claimed } }) => claimed,
            (error: AccountFileError) => error.code,
          );
          // It never asks for something else than what opens it.
          expect(
            at < intro
              ? ["notAccountFile"]
              : [kind, "altered", "versionUnsupported"],
            `${at} to ${to}`,
          ).toContain(seen);
        }
      for (let at = intro; at < end; at += 1)
        expect(["altered", ...says], `${at} with the secret`).toContain(
          await codeOf(
            verifyBackupAccountFile({
              file: streamOfBytes(flip(file, at, at % 7)),
              secret: opensWith,
              ports,
            }),
          ),
        );
    },
  );

  it("anywhere in its nonce or payload is altered", async () => {
    for (let at = headerBytes; at < headerBytes + NONCE + 40; at += 1)
      expect(await verify(flip(small, at, at % 8)), `${at}`).toBe("altered");
    for (let at = headerBytes; at < large.length; at += 6007)
      expect(await verify(flip(large, at)), `${at}`).toBe("altered");
    for (let fromEnd = 1; fromEnd < 40; fromEnd += 1)
      expect(await verify(flip(large, large.length - fromEnd))).toBe("altered");
  });

  it("with two chunks exchanged is altered", async () => {
    const at = headerBytes + NONCE;
    expect(
      await verify(
        join(
          large.subarray(0, at),
          large.subarray(at + CHUNK, at + 2 * CHUNK),
          large.subarray(at, at + CHUNK),
          large.subarray(at + 2 * CHUNK),
        ),
      ),
    ).toBe("altered");
  });

  it("in the salt of a wallet's stanza asks for the signature of another file", async () => {
    const key = await walletKeyOf(7, noise(32));
    const file = await writeFile(sampleDatabase(50), {
      kind: "walletSignature",
      key,
    });
    const salt = Buffer.from(file).indexOf("wallet-signature 1 ") + 25;
    expect(await verify(file, { kind: "walletSignature", key })).toBe("none");
    const flipped = flip(file, salt);
    expect(await verify(flipped, { kind: "walletSignature", key })).toBe(
      "wrongWallet",
    );
    // Somebody who got the signature over the changed text could not open it either.
    expect(
      await verify(flipped, { kind: "identities", identities: [key.identity] }),
    ).toBe("altered");
  });
});

describe("a file with something after its end", () => {
  it.each([1, 2, 16, 17, CHUNK, 200_000])(
    "%i bytes is refused",
    async (bytes) => {
      expect(await verify(join(small, noise(bytes)))).toBe("trailingData");
      expect(await verify(join(large, noise(bytes)))).toBe("trailingData");
    },
  );

  it("itself once more is refused", async () => {
    expect(await verify(join(small, small))).toBe("trailingData");
  });
});

describe("what is no Backup Account File", () => {
  it("an empty file is said to be empty", async () => {
    expect(
      await failureOf(
        inspectBackupAccountFile({ file: streamOfBytes(new Uint8Array(0)) }),
      ),
    ).toMatchObject({ code: "truncated", message: "the file is empty" });
  });

  it.each<[string, Uint8Array]>([
    ["text", utf8("hello, this is a text of some length\n")],
    ["another version of age", utf8("age-encryption.org/v2\n-> X25519 x\n")],
    ["noise", noise(5000)],
    ["an armored age file", utf8("-----BEGIN AGE ENCRYPTED FILE-----\n")],
  ])("%s is told so, with and without a secret", async (_, file) => {
    expect(await verify(file)).toBe("notAccountFile");
    expect(
      await codeOf(inspectBackupAccountFile({ file: streamOfBytes(file) })),
    ).toBe("notAccountFile");
  });

  it("another file under the same key is told so", async () => {
    for (const content of [
      new Uint8Array(0),
      utf8("{}"),
      utf8('{"format":"carryover/backup-account"'),
      utf8('{"format":"carryover/backup-account","version":'),
      noise(200_000),
    ])
      expect(await verify(await rawFile(content, [recipient]))).toBe(
        "notAccountFile",
      );
  });

  it("an endless age header is given up", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(
          pulled === 0
            ? utf8("age-encryption.org/v1\n")
            : utf8("A".repeat(997)),
        );
        pulled += 1;
      },
    });
    expect(
      await codeOf(verifyBackupAccountFile({ file: endless, secret })),
    ).toBe("altered");
    expect(pulled).toBeLessThan(80);
  });

  it("any bytes give a typed error", async () => {
    const start = utf8("age-encryption.org/v1\n-> ");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.uint8Array({ maxLength: 300 }).map((tail) => join(start, tail)),
          fc.string({ maxLength: 300 }).map((tail) => join(start, utf8(tail))),
          fc
            .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 30 }))
            .map(([at, bytes]) => {
              const changed = small.slice(0, headerBytes + 100);
              changed.set(bytes, at % (headerBytes + 50));
              return changed;
            }),
        ),
        async (file) => {
          expect(await verify(file)).not.toBe("none");
          await codeOf(inspectBackupAccountFile({ file: streamOfBytes(file) }));
        },
      ),
      { numRuns: 400 },
    );
  });
});
