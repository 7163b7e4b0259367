import { describe, expect, it } from "vitest";
import type { AccountFileSecret } from "./protection/types.js";
import { inspectBackupAccountFile } from "./inspect-account-file.js";
import { streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import { passphraseFile, payloadOf, rawFile } from "./testing/raw-file.js";
import {
  createKeyPair,
  noise,
  stanzaRecipient,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";
import {
  database,
  identity,
  recipient,
  secret,
  verify,
  passphrase,
} from "./testing/authentic-file.js";

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
