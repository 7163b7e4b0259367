import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { LocalNetworkError } from "./errors.js";
import {
  keyPackage,
  type KeyPackageChanges,
  uint,
  vector,
} from "./fixtures/mls.js";
import { parseKeyPackage } from "./key-package.js";

const now = 1_790_000_000n;

function refusalOf(bytes: Uint8Array, at = now): string {
  try {
    parseKeyPackage(bytes, at);
  } catch (error) {
    if (error instanceof LocalNetworkError && error.code === "malformedMls")
      return error.message;
    throw error;
  }
  return "accepted";
}

test("gives the signature key of the leaf as the installation id", () => {
  const { bytes, installationId } = keyPackage(now);
  const parsed = parseKeyPackage(bytes, now);
  expect(Buffer.compare(parsed.installationId, installationId)).toBe(0);
  expect(parsed.inboxId).toBe("a".repeat(64));
  expect(parsed.notBefore).toBe(now - 3600n);
  expect(parsed.notAfter).toBe(now + 3600n);
});

test("a key package cut at any byte is a typed error", () => {
  const { bytes } = keyPackage(now);
  for (let length = 0; length < bytes.length; length += 1)
    expect(refusalOf(bytes.subarray(0, length))).not.toBe("accepted");
});

test("a key package with any byte changed is a typed error", () => {
  const { bytes } = keyPackage(now);
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    expect(refusalOf(changed), `byte ${at}`).not.toBe("accepted");
  }
});

const other = generateKeyPairSync("ed25519").privateKey;

test.each<[string, KeyPackageChanges, string]>([
  ["another MLS version", { version: 2 }, "version: expected 1, found 2"],
  ["a suite without Ed25519", { suite: 2 }, "cipher_suite: 2 is not supported"],
  [
    "the encryption key as init key",
    { initKey: Buffer.alloc(32, 5) },
    "init_key: equal to leaf_node.encryption_key",
  ],
  [
    "an X.509 credential",
    { credentialType: 2 },
    "leaf_node.credential.type: expected 1, found 2",
  ],
  [
    "a credential that is not XMTP's",
    { credentialIdentity: Buffer.from([0x0a, 9, 1]) },
    "leaf_node.credential.identity: not an XMTP credential",
  ],
  [
    "a leaf that is not for a key package",
    { source: 3 },
    "leaf_node.leaf_node_source: expected 1, found 3",
  ],
  [
    "half an entry in the capabilities",
    { capabilities: vector(uint(1, 1)) },
    "leaf_node.capabilities.versions: odd length",
  ],
  [
    "a leaf signed by another key",
    { leafSigner: other },
    "leaf_node.signature: not valid",
  ],
  [
    "a package signed by another key",
    { packageSigner: other },
    "signature: not valid",
  ],
  [
    "bytes after the end",
    { trailing: Buffer.alloc(3) },
    "3 bytes follow the key package",
  ],
])("refuses %s", (_, changes, message) => {
  expect(refusalOf(keyPackage(now, changes).bytes)).toBe(message);
});

test("is valid from the first to the last second of its lifetime", () => {
  const { bytes } = keyPackage(now, { notBefore: now, notAfter: now + 10n });
  expect(refusalOf(bytes, now - 1n)).toBe("leaf_node.lifetime: not valid now");
  expect(refusalOf(bytes, now)).toBe("accepted");
  expect(refusalOf(bytes, now + 10n)).toBe("accepted");
  expect(refusalOf(bytes, now + 11n)).toBe("leaf_node.lifetime: not valid now");
});
