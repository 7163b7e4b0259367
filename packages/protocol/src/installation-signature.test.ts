import { createLocalNetwork } from "@carryover/local-network";
import { ed25519, ed25519ctx, ed25519ph } from "@noble/curves/ed25519.js";
import { Client } from "@xmtp/node-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installationIdFromBytes, parseInstallationId } from "./ids.js";
import { verifyInstallationSignature } from "./installation-signature.js";
import {
  addGroupOrder,
  nonCanonicalKeys,
  permissiveVerify,
  signWithTorsion,
  smallOrderKeys,
  universalSignature,
} from "./testing/odd-keys.js";
import { requester } from "./testing/samples.js";
import { sdkInstallationId, sdkSignatures } from "./testing/sdk-signatures.js";
import { fromHex, hex, utf8 } from "./testing/wire-bytes.js";

const verify = (text: string, signature: Uint8Array, publicKey: Uint8Array) =>
  verifyInstallationSignature(
    text,
    signature,
    installationIdFromBytes(publicKey),
  );
const sdkVerify = (
  text: string,
  signature: Uint8Array,
  publicKey: Uint8Array,
) => Client.verifySignedWithPublicKey(text, signature, publicKey);

describe("signatures that the official SDK made earlier", () => {
  it.each(sdkSignatures)("$name", ({ text, signatureHex }) => {
    const signature = fromHex(signatureHex);
    const id = parseInstallationId(sdkInstallationId);
    expect(verifyInstallationSignature(text, signature, id)).toBe(true);
    expect(verifyInstallationSignature(`${text} `, signature, id)).toBe(false);
  });
});

describe("beside the official SDK", () => {
  let network: Awaited<ReturnType<typeof createLocalNetwork>>;
  let client: Client<unknown>;
  beforeAll(async () => {
    network = await createLocalNetwork({ grpcPort: 0, grpcWebPort: 0 });
    // Signing needs an installation key, which exists before the installation is registered.
    client = await Client.create(
      {
        type: "EOA",
        getIdentifier: () => ({
          identifier: `0x${"11".repeat(20)}`,
          // Ethereum
          identifierKind: 0,
        }),
        signMessage: () => {
          throw new Error("nothing is registered here");
        },
      },
      {
        env: "local",
        apiUrl: network.grpcUrl,
        dbPath: null,
        disableAutoRegister: true,
        disableDeviceSync: true,
      },
    );
  });
  afterAll(async () => {
    await network.close();
  });

  it.each(["", "hello", "Grüße 聊天 🚀\n", "x".repeat(100_000)])(
    "accepts what it signs (text %#)",
    (text) => {
      const signature = client.signWithInstallationKey(text);
      const id = parseInstallationId(client.installationId);
      expect(verifyInstallationSignature(text, signature, id)).toBe(true);
      expect(sdkVerify(text, signature, client.installationIdBytes)).toBe(true);
    },
  );

  it("signs what it accepts", () => {
    const signature = requester.sign("hello");
    const publicKey = fromHex(requester.installationId);
    expect(sdkVerify("hello", signature, publicKey)).toBe(true);
    expect(verify("hello", signature, publicKey)).toBe(true);
  });

  it("refuses with it every altered byte of a signature and of a key", () => {
    const signature = client.signWithInstallationKey("hello");
    const publicKey = client.installationIdBytes;
    const altered = (bytes: Uint8Array, at: number) =>
      Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 0x10 : byte));
    const accepted: string[] = [];
    for (let at = 0; at < 96; at += 1) {
      const sig = at < 64 ? altered(signature, at) : signature;
      const key = at < 64 ? publicKey : altered(publicKey, at - 64);
      if (verify("hello", sig, key)) accepted.push(`here: byte ${at}`);
      if (sdkVerify("hello", sig, key)) accepted.push(`SDK: byte ${at}`);
    }
    expect(accepted).toEqual([]);
  });

  const secretKey = new Uint8Array(32).fill(9);
  const publicKey = ed25519.getPublicKey(secretKey);
  const text = "hello";
  const context = utf8("PUBLIC SIGNATURE CONTEXT");
  const good = ed25519ph.sign(utf8(text), secretKey, { context });
  it.each<[string, Uint8Array]>([
    ["of no bytes", new Uint8Array()],
    ["of 63 bytes", good.subarray(0, 63)],
    ["of 65 bytes", Uint8Array.of(...good, 0)],
    ["with the group order added to its scalar", addGroupOrder(good)],
    ["by plain Ed25519", ed25519.sign(utf8(text), secretKey)],
    [
      "by Ed25519ctx with this context",
      ed25519ctx.sign(utf8(text), secretKey, { context }),
    ],
    ["without a context", ed25519ph.sign(utf8(text), secretKey)],
    [
      "with the context of identity updates",
      ed25519ph.sign(utf8(text), secretKey, {
        context: utf8("IDENTITY UPDATE SIGNATURE"),
      }),
    ],
    ["of another text", ed25519ph.sign(utf8("Hello"), secretKey, { context })],
    [
      "by another key",
      ed25519ph.sign(utf8(text), new Uint8Array(32).fill(8), { context }),
    ],
  ])("refuses with it a signature %s", (_, signature) => {
    expect(verify(text, good, publicKey)).toBe(true);
    expect(sdkVerify(text, good, publicKey)).toBe(true);
    expect(verify(text, signature, publicKey)).toBe(false);
    expect(sdkVerify(text, signature, publicKey)).toBe(false);
  });

  it("refuses keys of small order, where the SDK accepts one signature for every text", () => {
    expect(new Set(smallOrderKeys.map(hex)).size).toBe(8);
    for (const key of smallOrderKeys)
      expect(permissiveVerify("any text", universalSignature, key)).toBe(true);
    expect(
      smallOrderKeys.filter((key) =>
        sdkVerify("any text", universalSignature, key),
      ).length,
    ).toBeGreaterThan(0);
    for (const key of smallOrderKeys)
      expect(verify("any text", universalSignature, key)).toBe(false);
  });

  it("refuses keys that are not written canonically", () => {
    for (const key of nonCanonicalKeys) {
      expect(permissiveVerify("any text", universalSignature, key)).toBe(true);
      expect(verify("any text", universalSignature, key)).toBe(false);
    }
  });

  it.each(["key", "nonce"] as const)(
    "refuses a %s with a part of small order, on which verifiers disagree",
    (where) => {
      const texts = Array.from({ length: 8 }, (_, n) => `text ${n}`);
      const signed = texts.map((text) => ({
        text,
        ...signWithTorsion(text, where),
      }));
      for (const { text, signature, publicKey } of signed) {
        expect(permissiveVerify(text, signature, publicKey)).toBe(true);
        expect(verify(text, signature, publicKey)).toBe(false);
      }
      expect(
        signed.every(({ text, signature, publicKey }) =>
          sdkVerify(text, signature, publicKey),
        ),
      ).toBe(false);
    },
  );

  it("is never true for bytes that are no point", () => {
    const noPoint = new Uint8Array(32).fill(2);
    expect(() => ed25519.Point.fromBytes(noPoint)).toThrow();
    expect(verify("hello", requester.sign("hello"), noPoint)).toBe(false);
  });
});
