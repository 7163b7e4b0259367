import { readFile } from "node:fs/promises";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { identityToRecipient } from "age-encryption";
import { parseSignature, serializeCompactSignature } from "viem";
import { signatureToCompactSignature } from "viem";
import { describe, expect, it } from "vitest";
import { flip, join } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { sampleWallet } from "../testing/samples.js";
import {
  keyFromWalletSignature,
  newKeyFromWalletSignatures,
} from "./wallet-key.js";
import { createWalletSalt, walletSigningText } from "./wallet-text.js";

const wallet = sampleWallet(0x11);
const { address } = wallet;
const salt = new Uint8Array(32).fill(0x5a);
const text = walletSigningText({ address, salt });
const signature = await wallet.signMessage({ message: text });
const bytes = hexToBytes(signature.slice(2));
const key = await keyFromWalletSignature({ address, salt, signature });

const keyOf = (other: string | Uint8Array) =>
  keyFromWalletSignature({ address, salt, signature: other });
const withV = (v: number) => join(bytes.subarray(0, 64), Uint8Array.of(v));

/** The other signature that says the same: s from the upper half, and the other parity. */
const highS = (() => {
  const { r, s } = secp256k1.Signature.fromBytes(
    bytes.subarray(0, 64),
    "compact",
  );
  const high = new secp256k1.Signature(r, secp256k1.Point.Fn.neg(s));
  const v = bytes[64] === 27 ? 28 : 27;
  return join(high.toBytes("compact"), Uint8Array.of(v));
})();

describe("the signing text", () => {
  it("is the same for an address in any case", () => {
    expect(walletSigningText({ address: address.toLowerCase(), salt })).toBe(
      text,
    );
    expect(text).toContain(`\nAccount: ${address.toLowerCase()}\n`);
    expect(text.endsWith(`\nSalt: ${"5a".repeat(32)}`)).toBe(true);
  });

  it("is plain ASCII that says what it is for and where never to sign it", () => {
    expect(text).toMatch(/^[\n -~]+$/);
    expect(text).toContain("key to a file that can read the messages");
    expect(text).toContain("Never sign it on any other website");
  });

  it("is the one in the specification", async () => {
    const spec = await readFile(
      new URL("../../../../docs/spec/backup-account-file.md", import.meta.url),
      "utf8",
    );
    const template = text
      .replace(address.toLowerCase(), "<address>")
      .replace("5a".repeat(32), "<salt>");
    expect(spec).toContain(template);
  });

  it.each(["", "0x12", "ac".repeat(20), `0x${"zz".repeat(20)}`])(
    "is not made for the address %j",
    async (bad) => {
      expect(
        await codeOf(keyFromWalletSignature({ address: bad, salt, signature })),
      ).toBe("walletInputInvalid");
    },
  );

  it("is not made with a salt of another length", async () => {
    for (const bad of [new Uint8Array(0), new Uint8Array(31)])
      expect(
        await codeOf(keyFromWalletSignature({ address, salt: bad, signature })),
      ).toBe("walletInputInvalid");
  });

  it("has a salt of 32 random bytes", () => {
    const salts = new Set(
      Array.from({ length: 50 }, () => bytesToHex(createWalletSalt())),
    );
    expect(salts.size).toBe(50);
    for (const one of salts) expect(one).toHaveLength(64);
  });
});

describe("the key of a wallet's signature", () => {
  it("is an age key pair", async () => {
    expect(key.identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
    expect(key.recipient).toBe(await identityToRecipient(key.identity));
    expect(key).toMatchObject({ address: address.toLowerCase(), salt });
  });

  const compact = serializeCompactSignature(
    signatureToCompactSignature(parseSignature(signature)),
  );
  it.each<[string, string | Uint8Array]>([
    ["bytes", bytes],
    ["upper-case hex", `0x${signature.slice(2).toUpperCase()}`],
    ["v of 0 or 1", withV((bytes[64] ?? 0) - 27)],
    ["64 bytes (EIP-2098)", compact],
    ["a high s", highS],
  ])("is the same from %s", async (_, form) => {
    expect(await keyOf(form)).toEqual(key);
  });

  it("is another for another salt, and for another account", async () => {
    const other = new Uint8Array(32).fill(0x5b);
    const again = await wallet.signMessage({
      message: walletSigningText({ address, salt: other }),
    });
    const { identity } = await keyFromWalletSignature({
      address,
      salt: other,
      signature: again,
    });
    expect(identity).not.toBe(key.identity);
  });

  it.each<[string, string, string | Uint8Array]>([
    ["no hex", "walletSignatureInvalid", "hello"],
    ["hex without 0x", "walletSignatureInvalid", signature.slice(2)],
    ["nothing", "walletSignatureInvalid", "0x"],
    ["63 bytes", "walletSignatureInvalid", bytes.subarray(0, 63)],
    ["a v of 2", "walletSignatureInvalid", withV(2)],
    ["a v of 29", "walletSignatureInvalid", withV(29)],
    ["a v of 31, as a Safe has", "walletSignatureInvalid", withV(31)],
    ["zeros", "walletSignatureInvalid", new Uint8Array(65)],
    [
      "numbers beyond the group",
      "walletSignatureInvalid",
      join(new Uint8Array(64).fill(255), Uint8Array.of(27)),
    ],
    ["66 bytes", "walletIsContract", new Uint8Array(66)],
    ["a smart-contract wallet's", "walletIsContract", new Uint8Array(640)],
    ["a changed s", "walletSignatureMismatch", flip(bytes, 63)],
    [
      "the wrong v",
      "walletSignatureMismatch",
      withV(bytes[64] === 27 ? 28 : 27),
    ],
  ])("is refused for %s", async (_, code, bad) => {
    expect(await codeOf(keyOf(bad))).toBe(code);
  });

  it("is refused for a signature of another account", async () => {
    const message = walletSigningText({ address, salt });
    const other = await sampleWallet(0x22).signMessage({ message });
    expect(await codeOf(keyOf(other))).toBe("walletSignatureMismatch");
  });

  it("is refused for a signature over another text", async () => {
    const other = await wallet.signMessage({ message: `${text}\n` });
    expect(await codeOf(keyOf(other))).toBe("walletSignatureMismatch");
  });
});

describe("the key for a new file", () => {
  it("is made when the wallet signs the same twice, in whatever form", async () => {
    const signatures = [signature, highS] as const;
    expect(
      await newKeyFromWalletSignatures({ address, salt, signatures }),
    ).toEqual(key);
  });

  it("is refused when two good signatures differ", async () => {
    // Good as well, but with random instead of derived numbers: what some wallets do.
    const hash = await import("viem").then(({ hashMessage }) =>
      hexToBytes(hashMessage(text).slice(2)),
    );
    const recovered = secp256k1.sign(hash, new Uint8Array(32).fill(0x11), {
      prehash: false,
      extraEntropy: true,
      format: "recovered",
    });
    const random = join(
      recovered.subarray(1),
      Uint8Array.of(recovered[0] ?? 0),
    );
    expect(await codeOf(keyOf(random))).toBe("none");
    expect(
      await codeOf(
        newKeyFromWalletSignatures({
          address,
          salt,
          signatures: [signature, random],
        }),
      ),
    ).toBe("walletNotDeterministic");
  });

  it("is refused when either signature is bad", async () => {
    for (const signatures of [
      [flip(bytes, 63), bytes],
      [bytes, flip(bytes, 63)],
    ] as const)
      expect(
        await codeOf(newKeyFromWalletSignatures({ address, salt, signatures })),
      ).toBe("walletSignatureMismatch");
  });
});
