// Makes the test vectors in vectors/message-backup-file. Keys and nonces are random, so every run makes other files that
// mean the same. Usage, after `npm run build`: node packages/backup-file/scripts/make-vectors.mjs
import { Blob } from "node:buffer";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import {
  createMetadataElement,
  elementRecord,
  readAll,
  readMessageBackupFile,
  writeMessageBackupFile,
} from "../dist/index.js";
import {
  HeaderSchema,
  ManifestSchema,
  MessageBackupSchema,
} from "../dist/gen/carryover/backup_file/v1/message_backup_pb.js";
import { BackupElementSchema } from "../dist/gen/device_sync/device_sync_pb.js";
import { framePrefix } from "../dist/plain/frames.js";

const out = new URL("../../../vectors/message-backup-file/", import.meta.url);
for (const folder of ["files", "archives"]) {
  rmSync(new URL(`${folder}/`, out), { recursive: true, force: true });
  mkdirSync(new URL(`${folder}/`, out), { recursive: true });
}
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const sha256 = (bytes) => hex(createHash("sha256").update(bytes).digest());
const join = (...parts) => new Uint8Array(Buffer.concat(parts));
const flip = (bytes, at) => {
  const flipped = bytes.slice();
  flipped[at] ^= 1;
  return flipped;
};
const json = (value) =>
  `${JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v instanceof Uint8Array ? hex(v) : v), 2)}\n`;

// ---------------------------------------------------------------- a small history
const ownerInboxId = "0a".repeat(32);
const conversationId = (n) => Buffer.from(`c0${"00".repeat(14)}0${n}`, "hex");
const element = (value) =>
  elementRecord(
    toBinary(
      BackupElementSchema,
      create(BackupElementSchema, { element: value }),
    ),
  );
const metadata = createMetadataElement({
  exportedAtNs: 1_700_000_200_000_000_000n,
  selection: ["messages", "consent"],
});
const group = (n) =>
  element({
    case: "group",
    value: {
      id: conversationId(n),
      createdAtNs: 1_700_000_000_000_000_000n,
      membershipState: 1,
      addedByInboxId: ownerInboxId,
      conversationType: n % 2 === 0 ? 1 : 2,
      ...(n % 2 === 0 ? {} : { dmId: `dm:${ownerInboxId}:${"0b".repeat(32)}` }),
      metadata: { creatorInboxId: ownerInboxId },
      mutableMetadata: { attributes: { group_name: `group ${n}` } },
    },
  });
const message = (conversation, n, text) =>
  element({
    case: "groupMessage",
    value: {
      id: createHash("sha256").update(`${conversation} ${n}`).digest(),
      groupId: conversationId(conversation),
      decryptedMessageBytes: Buffer.from(text),
      sentAtNs: 1_700_000_000_000_000_000n + BigInt(n) * 1_000_000_000n,
      kind: 1,
      senderInstallationId: Buffer.alloc(32, 0x1a),
      senderInboxId: ownerInboxId,
      deliveryStatus: 2,
      versionMajor: 1,
      authorityId: "xmtp.org",
      contentType: "text",
    },
  });
const consent = (n) =>
  element({
    case: "consent",
    value: {
      entityType: 1,
      state: 2,
      entity: hex(conversationId(n)),
      consentedAtNs: 1_700_000_000_000_000_000n,
    },
  });
const history = [
  metadata,
  group(0),
  group(1),
  message(0, 1, "hello"),
  message(1, 2, "an answer 👋"),
  message(0, 3, ""),
  consent(0),
  consent(1),
];
const header = {
  producer: { name: "carryover-vectors", version: "1", xmtpVersion: "none" },
  createdAtNs: 1_700_000_300_000_000_000n,
  inboxId: ownerInboxId,
  installationId: "1a".repeat(32),
  scope: {
    startNs: undefined,
    endNs: undefined,
    elements: ["messages", "consent"],
    disappearingMessages: "excluded",
  },
};
const leftOut = [
  {
    reason: "backup-channel",
    conversationCount: 1,
    messageCount: 2,
    otherCount: 1,
  },
];

// ---------------------------------------------------------------- Message Backup Files
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const seal = async (content, to = recipient) => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(to);
  return encrypter.encrypt(content);
};
const sealPlain = (plain) => seal(new Uint8Array(gzipSync(plain)));
const write = (elements, to = recipient) =>
  readAll(
    writeMessageBackupFile({ header, elements, recipients: [to], leftOut })
      .file,
  );
const plainOf = async (elements) => {
  const { Decrypter } = await import("age-encryption");
  const { gunzipSync } = await import("node:zlib");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return new Uint8Array(
    gunzipSync(await decrypter.decrypt(await write(elements))),
  );
};
const frame = (kind, bytes) => join(framePrefix(kind, bytes.length), bytes);

const file = async (name, description, bytes, expected, more = {}) => {
  writeFileSync(new URL(`files/${name}.age`, out), bytes);
  writeFileSync(
    new URL(`files/${name}.json`, out),
    json({
      description,
      identity,
      ...more,
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
      ...expected,
    }),
  );
};
const valid = async (name, description, bytes, key = identity) => {
  const reader = await readMessageBackupFile({
    file: new Blob([bytes]).stream(),
    identities: [key],
  });
  const elements = [];
  for await (const record of reader.elements)
    elements.push(sha256(record.bytes));
  await file(name, description, bytes, {
    identity: key,
    header: reader.header,
    elements,
    manifest: reader.verified().manifest,
  });
};
const refused = (name, description, bytes, error, more) =>
  file(name, description, bytes, { error }, more);

const plain = await plainOf(history);
const parsed = fromBinary(MessageBackupSchema, plain);
const headerFrame = frame("header", toBinary(HeaderSchema, parsed.header));
const manifestFrame = frame(
  "manifest",
  toBinary(ManifestSchema, parsed.manifest),
);
const body = plain.subarray(0, plain.length - manifestFrame.length);
const withHeader = (change) => {
  const changed = { ...parsed.header, ...change };
  return join(
    frame("header", toBinary(HeaderSchema, create(HeaderSchema, changed))),
    plain.subarray(headerFrame.length),
  );
};
const withManifest = (change) =>
  join(
    body,
    frame(
      "manifest",
      toBinary(
        ManifestSchema,
        create(ManifestSchema, { ...parsed.manifest, ...change }),
      ),
    ),
  );
const small = await write(history);
const headerEnd = Buffer.from(small).indexOf("\n--- ") + 49;

await valid("valid", "a small history of a group and a DM", small);
await valid("valid-metadata-only", "no conversations", await write([metadata]));
await valid(
  "valid-unknown-kinds",
  "an element of a kind from the future, one of no kind, and unknown fields in a known one",
  await write([
    metadata,
    elementRecord(Uint8Array.of(0xba, 0x3e, 3, 1, 2, 3)),
    elementRecord(new Uint8Array(0)),
    elementRecord(join(consent(0).bytes, Uint8Array.of(0x98, 0x06, 5))),
  ]),
);
await valid(
  "valid-large-messages",
  "messages around and above the size of a chunk",
  await write([
    metadata,
    group(0),
    message(0, 1, "a".repeat(65_535)),
    message(0, 2, "b".repeat(200_000)),
  ]),
);
const hybrid = await generateHybridIdentity();
await valid(
  "valid-hybrid",
  "for a post-quantum hybrid recipient",
  await write(history, await identityToRecipient(hybrid)),
  hybrid,
);

await refused(
  "format-unknown",
  "armored, not binary, age",
  Buffer.from("-----BEGIN AGE ENCRYPTED FILE-----\n"),
  "formatUnknown",
);
await refused(
  "age-header-invalid",
  "the MAC of the age header is changed",
  flip(small, headerEnd - 10),
  "ageHeaderInvalid",
);
await refused(
  "identity-mismatch",
  "for somebody else",
  await write(
    history,
    await identityToRecipient(await generateX25519Identity()),
  ),
  "identityMismatch",
);
await refused(
  "file-truncated-in-header",
  "ends inside the age header",
  small.subarray(0, headerEnd - 20),
  "fileTruncated",
);
await refused(
  "file-truncated",
  "ends after the payload nonce",
  small.subarray(0, headerEnd + 16),
  "fileTruncated",
);
await refused(
  "file-altered",
  "one bit of the payload is flipped",
  flip(small, small.length - 30),
  "fileAltered",
);
await refused(
  "compression-invalid",
  "the gzip checksum is wrong",
  await seal(flip(new Uint8Array(gzipSync(plain)), gzipSync(plain).length - 6)),
  "compressionInvalid",
);
await refused(
  "compression-cut",
  "the gzip member is cut",
  await seal(new Uint8Array(gzipSync(plain)).subarray(0, 300)),
  "compressionInvalid",
);
await refused(
  "compression-trailing",
  "a byte follows the gzip member",
  await seal(join(gzipSync(plain), Uint8Array.of(0))),
  "compressionInvalid",
);
await refused(
  "codec-unsupported",
  "zstd inside",
  await seal(join(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), new Uint8Array(20))),
  "codecUnsupported",
);
await refused(
  "decompression-bomb",
  "expands a thousand times, with only a megabyte of that free",
  await sealPlain(
    join(
      headerFrame,
      ...Array.from({ length: 40 }, () =>
        frame("element", message(0, 1, "\0".repeat(100_000)).bytes),
      ),
    ),
  ),
  "decompressionBomb",
  { limits: { ratioFreeBytes: 1_000_000 } },
);
await refused(
  "header-missing",
  "begins with an element",
  await sealPlain(plain.subarray(headerFrame.length)),
  "headerInvalid",
);
await refused(
  "header-other-format",
  "names another format",
  await sealPlain(withHeader({ format: "something/else" })),
  "headerInvalid",
);
await refused(
  "version-unsupported",
  "version 2",
  await sealPlain(withHeader({ version: 2 })),
  "versionUnsupported",
);
await refused(
  "header-codec-unsupported",
  "names a codec that does not exist",
  await sealPlain(withHeader({ codec: "none" })),
  "codecUnsupported",
);
await refused(
  "schema-unsupported",
  "names another schema",
  await sealPlain(withHeader({ schema: "other.Element" })),
  "schemaUnsupported",
);
await refused(
  "frame-invalid",
  "a field that MessageBackup does not have",
  await sealPlain(
    join(
      headerFrame,
      Uint8Array.of(0x22, 0),
      plain.subarray(headerFrame.length),
    ),
  ),
  "frameInvalid",
);
await refused(
  "record-too-large",
  "an element that declares 4 GiB",
  await sealPlain(
    join(headerFrame, Uint8Array.of(0x12, 255, 255, 255, 255, 15)),
  ),
  "recordTooLarge",
);
await refused(
  "record-truncated",
  "ends inside an element",
  await sealPlain(body.subarray(0, body.length - 1)),
  "recordTruncated",
);
await refused(
  "record-invalid",
  "an element that is no protobuf message",
  await sealPlain(
    join(headerFrame, frame("element", Uint8Array.of(0x0f, 0x0f))),
  ),
  "recordInvalid",
);
await refused(
  "record-nested",
  "an element with groups nested a thousand deep",
  await sealPlain(
    join(headerFrame, frame("element", new Uint8Array(1000).fill(0x0b))),
  ),
  "recordInvalid",
);
await refused(
  "record-with-two",
  "an element that holds two",
  await sealPlain(
    join(headerFrame, frame("element", join(group(0).bytes, group(1).bytes))),
  ),
  "recordInvalid",
);
await refused(
  "manifest-missing",
  "ends between two elements",
  await sealPlain(body),
  "manifestMissing",
);
await refused(
  "manifest-invalid",
  "the manifest's hash is cut",
  await sealPlain(withManifest({ sha256: new Uint8Array(31) })),
  "manifestInvalid",
);
await refused(
  "count-mismatch",
  "the manifest has one message more",
  await sealPlain(withManifest({ messageCount: 4n })),
  "countMismatch",
);
await refused(
  "count-mismatch-conversation",
  "the manifest lacks a conversation",
  await sealPlain(
    withManifest({ conversations: parsed.manifest.conversations.slice(1) }),
  ),
  "countMismatch",
);
const [first, second, ...rest] = history.slice(3);
const swapped = await plainOf([
  ...history.slice(0, 3),
  rest[0],
  second,
  first,
  ...rest.slice(1),
]);
await refused(
  "content-mismatch",
  "two messages are exchanged; all counts are right",
  await sealPlain(
    join(
      swapped.subarray(0, swapped.length - manifestFrame.length),
      manifestFrame,
    ),
  ),
  "contentMismatch",
);
await refused(
  "trailing-data",
  "an element follows the manifest",
  await sealPlain(join(plain, Uint8Array.of(0x12, 0))),
  "trailingData",
);
await refused(
  "limit-exceeded",
  "two conversations where one is accepted",
  small,
  "limitExceeded",
  { limits: { maxConversations: 1 } },
);

// ---------------------------------------------------------------- XMTP archives
const key = randomBytes(32);
const archive = (name, description, bytes, expected, more = {}) => {
  writeFileSync(new URL(`archives/${name}.bin`, out), bytes);
  writeFileSync(
    new URL(`archives/${name}.json`, out),
    json({ description, key, ...more, ...expected }),
  );
};
const next = (nonce) => {
  for (let i = 0; i < nonce.length; i += 1) {
    nonce[i] = (nonce[i] + 1) & 255;
    if (nonce[i] !== 0) return;
  }
};
const pack = (
  plains,
  {
    nonces = "counting",
    after = [],
    version = 0,
    window = 0x38,
    lastBlock = true,
    tear = undefined,
  } = {},
) => {
  const start = randomBytes(12);
  const nonce = Buffer.from(start);
  const records = plains.map((bytes, i) => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([
      cipher.update(bytes),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    if (nonces === "counting") next(nonce);
    if (tear === i) sealed[0] ^= 1;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(sealed.length);
    return Buffer.concat([length, sealed]);
  });
  const content = Buffer.concat([...records, Buffer.from(after)]);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | (lastBlock ? 1 : 0), 0, 3);
  return join(
    Uint8Array.of(version, 0),
    start,
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, window),
    block,
    content,
  );
};
const plains = history.map(({ bytes }) => bytes);
const elements = plains.map(sha256);
const whole = pack(plains);
archive("valid", "a small history", whole, { elements, nonces: "counting" });
archive(
  "valid-padded",
  "with empty records between the elements",
  pack(
    plains.flatMap((bytes, i) =>
      i === 0 ? [bytes] : [new Uint8Array(0), new Uint8Array(0), bytes],
    ),
  ),
  { elements, nonces: "counting" },
);
archive(
  "valid-repeated-nonce",
  "of before November 2025: one nonce for every record",
  pack(plains, { nonces: "repeated" }),
  { elements, nonces: "repeated" },
);
archive(
  "archive-header-invalid",
  "ends inside its header",
  whole.subarray(0, 10),
  { error: "archiveHeaderInvalid" },
);
archive(
  "archive-version-unsupported",
  "version 1",
  pack(plains, { version: 1 }),
  { error: "archiveVersionUnsupported" },
);
archive(
  "archive-key-invalid",
  "the key has 31 bytes",
  whole,
  { error: "archiveKeyInvalid" },
  { key: key.subarray(1) },
);
archive(
  "archive-key-mismatch",
  "of another key",
  whole,
  { error: "archiveKeyMismatch" },
  { key: Buffer.alloc(32) },
);
archive(
  "archive-truncated",
  "ends inside its zstd frame",
  whole.subarray(0, whole.length - 1),
  { error: "archiveTruncated" },
);
archive(
  "archive-truncated-between-blocks",
  "ends where another zstd block should begin",
  pack(plains, { lastBlock: false }),
  { error: "archiveTruncated" },
);
archive(
  "archive-metadata-missing",
  "begins with a conversation",
  pack(plains.slice(1)),
  { error: "archiveMetadataMissing" },
);
archive(
  "record-altered",
  "one bit of the third record is flipped",
  pack(plains, { tear: 2 }),
  { error: "recordAltered" },
);
archive(
  "record-truncated",
  "the frame is whole, the last record is not",
  pack(plains, { after: [100, 0, 0, 0, 1, 2, 3] }),
  { error: "recordTruncated" },
);
archive(
  "record-too-large",
  "a record that declares 4 GiB",
  pack(plains, { after: [255, 255, 255, 255] }),
  { error: "recordTooLarge" },
);
archive(
  "record-invalid",
  "a record that is no protobuf message",
  pack([plains[0], Uint8Array.of(0x0f)]),
  { error: "recordInvalid" },
);
archive(
  "zstd-invalid",
  "a block of a reserved type",
  join(whole.subarray(0, 20), Uint8Array.of(7, 0, 0)),
  { error: "zstdInvalid" },
);
archive(
  "zstd-window-too-large",
  "asks for a window of a gigabyte",
  pack(plains, { window: 0xa0 }),
  { error: "zstdWindowTooLarge" },
);
archive(
  "trailing-data",
  "a byte follows the zstd frame",
  join(whole, Uint8Array.of(0)),
  { error: "trailingData" },
);
console.log("made");
