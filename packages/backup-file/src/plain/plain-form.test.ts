import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { sha256 } from "@noble/hashes/sha2.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import {
  HeaderSchema,
  ManifestSchema,
  MessageBackupSchema,
  UnknownKindCountSchema,
  type Manifest,
} from "../gen/carryover/backup_file/v1/message_backup_pb.js";
import { equalBytes } from "../bytes/bytes.js";
import type { BackupElementRecord } from "../element/view.js";
import { elementRecord } from "../element/record.js";
import { withLimits, type BackupFileLimits } from "../limits.js";
import { createPortablePorts } from "../ports/portable.js";
import { collect, flip, inPieces, join } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { plainFormOf } from "../testing/plain-form.js";
import {
  conversationId,
  sampleGroup,
  sampleHistory,
  sampleMessage,
} from "../testing/samples.js";
import { framePrefix } from "./frames.js";
import { readPlainForm } from "./read-plain.js";

const ports = createPortablePorts();
const read = (
  bytes: Uint8Array,
  pieceSize?: number,
  limits?: Partial<BackupFileLimits>,
) =>
  collect(readPlainForm(inPieces(bytes, pieceSize), ports, withLimits(limits)));

const elementsOf = async (bytes: Uint8Array, pieceSize?: number) =>
  (await read(bytes, pieceSize)).flatMap((event) =>
    event.kind === "elements" ? event.elements : [],
  );

const history = sampleHistory(2, 3);
const plain = await plainFormOf(history);
const backup = fromBinary(MessageBackupSchema, plain);
const headerFrame = headerFrameOf(plain);

/** Tag, length and bytes of the header. */
function headerFrameOf(whole: Uint8Array): Uint8Array {
  const header = fromBinary(MessageBackupSchema, whole).header;
  const bytes = toBinary(HeaderSchema, header ?? create(HeaderSchema));
  return join(framePrefix("header", bytes.length), bytes);
}
/** The plain form with its manifest changed, and everything else as it was. */
const withManifest = (change: (manifest: Manifest) => void): Uint8Array => {
  const manifest = backup.manifest;
  if (manifest === undefined) throw new Error("no manifest");
  const changed = fromBinary(
    ManifestSchema,
    toBinary(ManifestSchema, manifest),
  );
  change(changed);
  const bytes = toBinary(ManifestSchema, changed);
  return join(bodyOf(plain), framePrefix("manifest", bytes.length), bytes);
};
/** Everything before the manifest. */
const bodyOf = (whole: Uint8Array): Uint8Array => {
  const manifest = toBinary(
    ManifestSchema,
    fromBinary(MessageBackupSchema, whole).manifest ?? create(ManifestSchema),
  );
  return whole.subarray(
    0,
    whole.length -
      manifest.length -
      framePrefix("manifest", manifest.length).length,
  );
};
const withHeader = (
  header: Parameters<typeof create<typeof HeaderSchema>>[1],
): Uint8Array => {
  const bytes = toBinary(HeaderSchema, create(HeaderSchema, header));
  return join(
    framePrefix("header", bytes.length),
    bytes,
    plain.subarray(headerFrame.length),
  );
};

describe("a plain form", () => {
  it("is one serialized MessageBackup, which any protobuf library reads", () => {
    expect(backup.header?.format).toBe("carryover/message-backup");
    expect(backup.elements.length).toBe(history.length);
    expect(backup.manifest?.messageCount).toBe(6n);
    expect(
      equalBytes(
        backup.manifest?.sha256 ?? new Uint8Array(0),
        sha256(bodyOf(plain)),
      ),
    ).toBe(true);
  });

  it("begins with the name of the format", () => {
    expect(new TextDecoder().decode(plain.subarray(2, 32))).toContain(
      "carryover/message-backup",
    );
  });

  it.each([1, 2, 3, 7, 100, 65_535, 65_536, 65_537])(
    "is read in pieces of %i bytes",
    async (size) => {
      const found = await elementsOf(plain, size);
      expect(found.map(({ bytes }) => [...bytes])).toEqual(
        history.map(({ bytes }) => [...bytes]),
      );
    },
  );

  it("keeps elements of every size around its blocks and length prefixes", async () => {
    const sizes = [
      0, 1, 100, 127, 128, 129, 16_383, 16_384, 65_535, 65_536, 65_537, 200_000,
    ];
    const elements = sizes.map((size, n) =>
      sampleMessage(0, n, new Uint8Array(size)),
    );
    const found = await elementsOf(await plainFormOf(elements), 10_000);
    expect(found.map(({ bytes }) => bytes.length)).toEqual(
      elements.map(({ bytes }) => bytes.length),
    );
  });

  it("carries an element of no kind, and counts it", async () => {
    const strange = [
      elementRecord(new Uint8Array(0)),
      elementRecord(Uint8Array.of(0x7a, 0)),
    ];
    const events = await read(await plainFormOf(strange));
    expect(events.at(-1)).toMatchObject({
      manifest: {
        elementCount: 2,
        unknownKinds: [
          { fieldNumber: 0, count: 1 },
          { fieldNumber: 15, count: 1 },
        ],
      },
    });
  });

  it("counts per conversation, with first and last time", async () => {
    const elements: BackupElementRecord[] = [
      sampleGroup(1),
      sampleMessage(1, 5, new Uint8Array(1)),
      sampleMessage(1, 2, new Uint8Array(1)),
      sampleMessage(4, 3, new Uint8Array(1)),
      sampleGroup(2),
    ];
    const events = await read(await plainFormOf(elements));
    const at = (n: bigint): bigint =>
      1_700_000_000_000_000_000n + n * 1_000_000_000n;
    expect(events.at(-1)).toMatchObject({
      kind: "manifest",
      manifest: {
        conversations: [
          {
            conversationId: conversationId(1),
            conversationType: "dm",
            messageCount: 2,
            firstSentAtNs: at(2n),
            lastSentAtNs: at(5n),
          },
          {
            conversationId: conversationId(4),
            conversationType: "unknown",
            messageCount: 1,
            firstSentAtNs: at(3n),
            lastSentAtNs: at(3n),
          },
          {
            conversationId: conversationId(2),
            conversationType: "group",
            messageCount: 0,
            firstSentAtNs: undefined,
            lastSentAtNs: undefined,
          },
        ],
      },
    });
  });

  it("cut anywhere says where: in the header, in a record, before the manifest, in it", async () => {
    const body = bodyOf(plain).length;
    const codes = new Set<string>();
    for (let length = 0; length < plain.length; length += 1) {
      const code = await codeOf(read(plain.subarray(0, length)));
      codes.add(code);
      if (length < headerFrame.length) expect(code).toBe("headerInvalid");
      else if (length === body) expect(code).toBe("manifestMissing");
      else expect(["recordTruncated", "manifestMissing"]).toContain(code);
    }
    expect(codes).toEqual(
      new Set(["headerInvalid", "recordTruncated", "manifestMissing"]),
    );
  });

  it("with any bit flipped before the manifest is an error", async () => {
    for (let at = 0; at < bodyOf(plain).length; at += 1)
      expect(
        await codeOf(read(flip(plain, at, at % 8))),
        `byte ${at}`,
      ).not.toBe("none");
  });

  it("with any bit flipped in the manifest is an error, or says the same", async () => {
    const whole = await read(plain);
    for (let at = bodyOf(plain).length; at < plain.length; at += 1) {
      const flipped = flip(plain, at, at % 8);
      if ((await codeOf(read(flipped))) === "none")
        expect((await read(flipped)).at(-1)).toEqual(whole.at(-1));
    }
  });

  it("with bytes after the manifest has trailing data", async () => {
    for (const trailing of [Uint8Array.of(0), Uint8Array.of(0x12, 0), plain])
      for (const size of [1, 1_000_000])
        expect(await codeOf(read(join(plain, trailing), size))).toBe(
          "trailingData",
        );
  });

  it("that does not begin with a header is refused", async () => {
    expect(await codeOf(read(plain.subarray(headerFrame.length)))).toBe(
      "headerInvalid",
    );
    expect(await codeOf(read(new Uint8Array(0)))).toBe("headerInvalid");
  });

  it("with a second header, or with what it does not know, is refused", async () => {
    for (const frame of [
      headerFrame,
      Uint8Array.of(0x22, 0),
      Uint8Array.of(0x08, 1),
    ])
      expect(
        await codeOf(
          read(join(headerFrame, frame, plain.subarray(headerFrame.length))),
        ),
      ).toBe("frameInvalid");
  });

  it.each([
    ["another format", { format: "other" }, "headerInvalid"],
    [
      "a later version",
      { format: "carryover/message-backup", version: 2 },
      "versionUnsupported",
    ],
    [
      "another codec",
      { format: "carryover/message-backup", version: 1, codec: "zstd" },
      "codecUnsupported",
    ],
    [
      "another schema",
      {
        format: "carryover/message-backup",
        version: 1,
        codec: "gzip",
        schema: "x",
      },
      "schemaUnsupported",
    ],
    [
      "no owner",
      {
        format: "carryover/message-backup",
        version: 1,
        codec: "gzip",
        schema: "xmtp.device_sync.BackupElement",
      },
      "headerInvalid",
    ],
  ])("of %s is refused", async (_, header, code) => {
    expect(await codeOf(read(withHeader(header)))).toBe(code);
  });

  it.each<[string, (manifest: Manifest) => void]>([
    ["elementCount", (m) => (m.elementCount += 1n)],
    ["groupCount", (m) => (m.groupCount -= 1n)],
    ["messageCount", (m) => (m.messageCount += 1n)],
    ["consentCount", (m) => (m.consentCount = 0n)],
    ["elementBytes", (m) => (m.elementBytes += 1n)],
    ["conversations.length", (m) => m.conversations.pop()],
    ["conversations.length", (m) => m.conversations.push(...m.conversations)],
    [
      "conversations[1].messageCount",
      (m) => bump(m, (c) => (c.messageCount += 1n)),
    ],
    [
      "conversations[1].firstSentAtNs",
      (m) => bump(m, (c) => (c.firstSentAtNs = 1n)),
    ],
    [
      "conversations[1].lastSentAtNs",
      (m) => bump(m, (c) => delete c.lastSentAtNs),
    ],
    [
      "conversations[1].conversationType",
      (m) => bump(m, (c) => (c.conversationType = "sync")),
    ],
    [
      "conversations[1].conversationId",
      (m) => bump(m, (c) => (c.conversationId = hexToBytes("ff"))),
    ],
    [
      "unknownKinds.length",
      (m) =>
        m.unknownKinds.push(
          create(UnknownKindCountSchema, { fieldNumber: 9, count: 1n }),
        ),
    ],
  ])(
    "whose manifest has another %s does not count right",
    async (field, change) => {
      const reading = read(withManifest(change));
      expect(await codeOf(reading)).toBe("countMismatch");
      await expect(reading).rejects.toThrow(`manifest.${field}`);
    },
  );

  it("whose manifest has another hash does not match", async () => {
    const changed = withManifest((manifest) => {
      manifest.sha256 = flip(manifest.sha256, 5);
    });
    expect(await codeOf(read(changed))).toBe("contentMismatch");
  });

  it("with two messages exchanged does not match, though all counts are right", async () => {
    const swapped = [...history];
    const [a, b] = [3, 5];
    [swapped[a], swapped[b]] = [swapped[b], swapped[a]] as [
      BackupElementRecord,
      BackupElementRecord,
    ];
    const other = await plainFormOf(swapped);
    const manifestFrame = plain.subarray(bodyOf(plain).length);
    expect(await codeOf(read(join(bodyOf(other), manifestFrame)))).toBe(
      "contentMismatch",
    );
  });

  it("whose manifest is malformed is refused", async () => {
    for (const bytes of [
      Uint8Array.of(0x0f),
      Uint8Array.of(0x0a, 1, 0),
      new Uint8Array(0),
    ])
      expect(
        await codeOf(
          read(
            join(bodyOf(plain), framePrefix("manifest", bytes.length), bytes),
          ),
        ),
      ).toBe("manifestInvalid");
    expect(
      await codeOf(
        read(withManifest((manifest) => (manifest.messageCount = 2n ** 60n))),
      ),
    ).toBe("manifestInvalid");
  });

  it.each([
    ["a header", 0x0a, "headerInvalid"],
    ["an element", 0x12, "recordTooLarge"],
    ["a manifest", 0x1a, "manifestInvalid"],
  ])(
    "that declares %s of 4 GiB is refused before anything is set aside",
    async (_, tag, code) => {
      const start = tag === 0x0a ? new Uint8Array(0) : headerFrame;
      const declared = Uint8Array.of(tag, 0xff, 0xff, 0xff, 0xff, 0x0f);
      expect(await codeOf(read(join(start, declared)))).toBe(code);
    },
  );

  it("that declares a length in more than five bytes is refused", async () => {
    const declared = Uint8Array.of(0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0);
    expect(await codeOf(read(join(headerFrame, declared)))).toBe(
      "frameInvalid",
    );
  });

  it("is refused exactly above the limit of an element", async () => {
    const message = sampleMessage(0, 0, new Uint8Array(5000));
    const bytes = await plainFormOf([message]);
    const size = message.bytes.length;
    expect(await codeOf(read(bytes, 100, { maxElementBytes: size }))).toBe(
      "none",
    );
    expect(await codeOf(read(bytes, 100, { maxElementBytes: size - 1 }))).toBe(
      "recordTooLarge",
    );
  });

  it("of more conversations than accepted is refused", async () => {
    const bytes = await plainFormOf(sampleHistory(4, 1));
    expect(await codeOf(read(bytes, undefined, { maxConversations: 4 }))).toBe(
      "none",
    );
    expect(await codeOf(read(bytes, undefined, { maxConversations: 3 }))).toBe(
      "limitExceeded",
    );
  });

  it("with an element that is no protobuf message is refused", async () => {
    const frame = Uint8Array.of(0x12, 2, 0x0f, 0x0f);
    expect(
      await codeOf(
        read(join(headerFrame, frame, plain.subarray(headerFrame.length))),
      ),
    ).toBe("recordInvalid");
  });

  it("with an element nested a million deep is refused", async () => {
    const deep = new Uint8Array(1_000_000).fill(0x0b);
    expect(
      await codeOf(
        read(join(headerFrame, framePrefix("element", deep.length), deep)),
      ),
    ).toBe("recordInvalid");
  });

  it("with header and manifest fields of the future is read", async () => {
    const future = new BinaryWriter()
      .tag(900, WireType.Varint)
      .int32(1)
      .finish();
    const header = join(
      toBinary(HeaderSchema, backup.header ?? create(HeaderSchema)),
      future,
    );
    const body = join(
      framePrefix("header", header.length),
      header,
      bodyOf(plain).subarray(headerFrame.length),
    );
    const manifest = fromBinary(MessageBackupSchema, plain).manifest;
    if (manifest === undefined) throw new Error("no manifest");
    manifest.sha256 = Uint8Array.from(sha256(body));
    const bytes = join(toBinary(ManifestSchema, manifest), future);
    const events = await read(
      join(body, framePrefix("manifest", bytes.length), bytes),
    );
    expect(events.at(-1)?.kind).toBe("manifest");
  });
});

const bump = (
  manifest: Manifest,
  change: (conversation: Manifest["conversations"][number]) => unknown,
): void => {
  const conversation = manifest.conversations[1];
  if (conversation === undefined) throw new Error("no second conversation");
  change(conversation);
};
