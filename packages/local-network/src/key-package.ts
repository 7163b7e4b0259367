import { fromBinary } from "@bufbuild/protobuf";
import { createPublicKey, verify } from "node:crypto";
import { sameBytes } from "./bytes.js";
import { LocalNetworkError } from "./errors.js";
import { MlsCredentialSchema } from "./gen/xmtp/identity/credential_pb.js";
import { createTlsReader, type TlsReader } from "./tls-reader.js";

/** What a node needs of a key package that it has checked. */
export interface KeyPackage {
  /** The signature key of the leaf node: the installation id, 32 bytes. */
  readonly installationId: Uint8Array;
  /** What the credential claims; nothing here proves it. */
  readonly inboxId: string;
  /** Seconds since the Unix epoch. */
  readonly notBefore: bigint;
  /** Seconds since the Unix epoch. */
  readonly notAfter: bigint;
}

const mls10 = 1;
/** Cipher suites that sign with Ed25519 (RFC 9420, section 17.1). */
const ed25519Suites: ReadonlySet<number> = new Set([1, 3]);
const basicCredential = 1;
const sourceKeyPackage = 1;

const malformed = (message: string): LocalNetworkError =>
  new LocalNetworkError("malformedMls", message);

/**
 * Whose a TLS-serialized `KeyPackage` says that it is: an installation id. Nothing is checked.
 *
 * @throws LocalNetworkError `malformedMls`
 */
export function claimedOwner(bytes: Uint8Array): Uint8Array {
  const reader = createTlsReader(bytes);
  reader.uint16("version");
  reader.uint16("cipher_suite");
  reader.vector("init_key");
  reader.vector("leaf_node.encryption_key");
  return reader.vector("leaf_node.signature_key");
}

/**
 * Parses and checks a TLS-serialized `KeyPackage` (RFC 9420, section 10): structure, Ed25519 signatures of the leaf
 * node and of the package, lifetime, and that nothing follows it.
 *
 * @param nowSeconds seconds since the Unix epoch, for the lifetime
 * @throws LocalNetworkError `malformedMls`
 */
export function parseKeyPackage(
  bytes: Uint8Array,
  nowSeconds: bigint,
): KeyPackage {
  const reader = createTlsReader(bytes);
  const version = reader.uint16("version");
  if (version !== mls10)
    throw malformed(`version: expected ${mls10}, found ${version}`);
  const suite = reader.uint16("cipher_suite");
  if (!ed25519Suites.has(suite))
    throw malformed(`cipher_suite: ${suite} is not supported`);
  const initKey = reader.vector("init_key");

  const leafStart = reader.offset;
  const encryptionKey = reader.vector("leaf_node.encryption_key");
  const installationId = reader.vector("leaf_node.signature_key");
  if (installationId.length !== 32)
    throw malformed(
      `leaf_node.signature_key: expected 32 bytes, found ${installationId.length}`,
    );
  const inboxId = readCredential(reader);
  for (const list of [
    "versions",
    "cipher_suites",
    "extensions",
    "proposals",
    "credentials",
  ])
    readUint16List(reader, `leaf_node.capabilities.${list}`);
  const source = reader.uint8("leaf_node.leaf_node_source");
  if (source !== sourceKeyPackage)
    throw malformed(
      `leaf_node.leaf_node_source: expected ${sourceKeyPackage}, found ${source}`,
    );
  const notBefore = reader.uint64("leaf_node.lifetime.not_before");
  const notAfter = reader.uint64("leaf_node.lifetime.not_after");
  readExtensions(reader, "leaf_node.extensions");
  const leafTbs = bytes.subarray(leafStart, reader.offset);
  const leafSignature = reader.vector("leaf_node.signature");

  readExtensions(reader, "extensions");
  const packageTbs = bytes.subarray(0, reader.offset);
  const packageSignature = reader.vector("signature");
  if (reader.remaining > 0)
    throw malformed(`${reader.remaining} bytes follow the key package`);

  if (sameBytes(initKey, encryptionKey))
    throw malformed("init_key: equal to leaf_node.encryption_key");
  if (nowSeconds < notBefore || nowSeconds > notAfter)
    throw malformed("leaf_node.lifetime: not valid now");
  if (!verifyWithLabel(installationId, "LeafNodeTBS", leafTbs, leafSignature))
    throw malformed("leaf_node.signature: not valid");
  if (
    !verifyWithLabel(
      installationId,
      "KeyPackageTBS",
      packageTbs,
      packageSignature,
    )
  )
    throw malformed("signature: not valid");
  return { installationId, inboxId, notBefore, notAfter };
}

function readCredential(reader: TlsReader): string {
  const type = reader.uint16("leaf_node.credential.type");
  if (type !== basicCredential)
    throw malformed(
      `leaf_node.credential.type: expected ${basicCredential}, found ${type}`,
    );
  const identity = reader.vector("leaf_node.credential.identity");
  try {
    return fromBinary(MlsCredentialSchema, identity).inboxId;
  } catch (cause) {
    throw new LocalNetworkError(
      "malformedMls",
      "leaf_node.credential.identity: not an XMTP credential",
      { cause },
    );
  }
}

function readUint16List(reader: TlsReader, field: string): void {
  const list = reader.vector(field);
  if (list.length % 2 !== 0) throw malformed(`${field}: odd length`);
}

function readExtensions(reader: TlsReader, field: string): void {
  const inner = createTlsReader(reader.vector(field));
  while (inner.remaining > 0) {
    inner.uint16(`${field}.type`);
    inner.vector(`${field}.data`);
  }
}

const ed25519SpkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** `VerifyWithLabel` (RFC 9420, section 5.1.2). */
function verifyWithLabel(
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  const signed = Buffer.concat([
    encodeVector(Buffer.from(`MLS 1.0 ${label}`)),
    encodeVector(content),
  ]);
  const key = createPublicKey({
    key: Buffer.concat([ed25519SpkiPrefix, publicKey]),
    format: "der",
    type: "spki",
  });
  return verify(null, signed, key, signature);
}

function encodeVector(bytes: Uint8Array): Buffer {
  const length = bytes.length;
  const header =
    length < 2 ** 6
      ? Buffer.from([length])
      : length < 2 ** 14
        ? Buffer.from([0x40 | (length >> 8), length & 0xff])
        : Buffer.from([
            0x80 | (length >>> 24),
            (length >> 16) & 0xff,
            (length >> 8) & 0xff,
            length & 0xff,
          ]);
  return Buffer.concat([header, bytes]);
}
