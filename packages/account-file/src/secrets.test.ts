import fc from "fast-check";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { AccountFileError } from "./errors.js";
import { verifyBackupAccountFile } from "./open-account-file.js";
import type { AccountFileSecret } from "./protection/types.js";
import { keyFromWalletSignature } from "./protection/wallet-key.js";
import { walletSigningText } from "./protection/wallet-text.js";
import { flip, streamOfBytes } from "./testing/bytes.js";
import { failureOf } from "./testing/codes.js";
import { passphraseFile, payloadOf, rawFile } from "./testing/raw-file.js";
import {
  createKeyPair,
  sampleDatabase,
  sampleHeader,
  sampleWallet,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";

const database = sampleDatabase(500);
const { identity, recipient } = await createKeyPair();
const other = await createKeyPair();

/** Everything that a log could show of an error: its fields and those of its causes. */
const shown = (error: unknown): string => {
  expect(error).toBeInstanceOf(AccountFileError);
  return inspect(error, { depth: 20, showHidden: true, maxStringLength: 1e6 });
};

const content = [
  sampleHeader.inboxId,
  sampleHeader.installationId,
  sampleHeader.account.identifier,
  "SQLite format",
];

const verify = (file: Uint8Array, secret: AccountFileSecret) =>
  failureOf(
    verifyBackupAccountFile({
      file: streamOfBytes(file),
      secret,
    }),
  );

it("no error of a damaged file shows the key or what is in the file", async () => {
  const file = await writeFile(database, {
    kind: "recipients",
    recipients: [recipient],
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: file.length - 1 }),
      fc.nat({ max: 7 }),
      fc.boolean(),
      async (at, bit, cut) => {
        const damaged = cut ? file.subarray(0, at) : flip(file, at, bit);
        const text = shown(
          await verify(damaged, { kind: "identities", identities: [identity] }),
        );
        for (const secret of [identity, recipient, ...content])
          expect(text).not.toContain(secret);
      },
    ),
    { numRuns: 100 },
  );
});

it("no error shows a passphrase", async () => {
  const letters = fc.string({ minLength: 8, maxLength: 40, unit: "binary" });
  const file = await passphraseFile(database, "another one", 2);
  await fc.assert(
    fc.asyncProperty(
      letters.map((text) => `zq${text}`),
      async (passphrase) => {
        const text = shown(
          await verify(file, { kind: "passphrase", passphrase }),
        );
        expect(text).not.toContain(passphrase);
      },
    ),
    { numRuns: 25 },
  );
});

it("no error shows an identity, also one that is mistyped", async () => {
  const file = await writeFile(database, {
    kind: "recipients",
    recipients: [recipient],
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: other.identity.length }),
      fc.constantFrom("", "X", "b", "1"),
      async (at, typed) => {
        const mistyped =
          other.identity.slice(0, at) + typed + other.identity.slice(at + 1);
        const text = shown(
          await verify(file, { kind: "identities", identities: [mistyped] }),
        );
        expect(text).not.toContain(mistyped);
        expect(text).not.toContain(mistyped.slice(20, 50));
      },
    ),
    { numRuns: 100 },
  );
});

it("no error shows a wallet's signature or the key that comes of it", async () => {
  const wallet = sampleWallet(9);
  const { address } = wallet;
  const salt = new Uint8Array(32).fill(1);
  const good = await wallet.signMessage({
    message: walletSigningText({ address, salt }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: good.length - 1 }),
      fc.constantFrom("", "0", "f", "zz", "00"),
      async (at, typed) => {
        const signature = good.slice(0, at) + typed + good.slice(at + 1);
        // Some changes leave it as it was, or say the same in another form.
        const failure = await failureOf(
          keyFromWalletSignature({ address, salt, signature }),
        );
        const text = failure === undefined ? "" : shown(failure);
        expect(text).not.toContain(signature.slice(10, 60));
        expect(text).not.toContain(good.slice(70, 120));
      },
    ),
    { numRuns: 100 },
  );

  const key = await walletKeyOf(9, salt);
  const file = await writeFile(database, {
    kind: "walletSignature",
    key: await walletKeyOf(8, salt),
  });
  const text = shown(await verify(file, { kind: "walletSignature", key }));
  expect(text).not.toContain(key.identity);
  expect(text).not.toContain(key.address);
});

it("a header that is refused is not quoted", async () => {
  for (const [from, to] of [
    ['"inboxId":"0a', '"inboxId":"0A'],
    ['"version":1', '"version":1,}'],
    ['"ethereum"', '"Ethereum"'],
  ] as const) {
    const file = await rawFile(
      payloadOf(database, ({ line }) => ({ line: line.replace(from, to) })),
      [recipient],
    );
    const text = shown(
      await verify(file, { kind: "identities", identities: [identity] }),
    );
    expect(text).toContain("headerInvalid");
    for (const secret of [identity, ...content, "0a0a0a", "Ethereum"])
      expect(text).not.toContain(secret);
  }
});
