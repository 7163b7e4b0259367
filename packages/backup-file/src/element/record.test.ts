import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BackupFileError } from "../errors.js";
import { BackupElementSchema } from "../gen/device_sync/device_sync_pb.js";
import { join } from "../testing/bytes.js";
import {
  conversationId,
  ownerInboxId,
  sampleConsent,
  sampleElement,
  sampleGroup,
  sampleMessage,
  sampleMetadata,
} from "../testing/samples.js";
import { elementRecord } from "./record.js";

const code = (bytes: Uint8Array): string | undefined => {
  try {
    elementRecord(bytes);
  } catch (error) {
    if (error instanceof BackupFileError) return error.code;
    throw error;
  }
  return undefined;
};

describe("elementRecord", () => {
  it("sees a message as the schema does", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        int64,
        fc.string({ unit: "grapheme" }),
        fc.nat({ max: 5 }),
        (id, groupId, content, sentAtNs, text, small) => {
          const { view } = sampleElement({
            case: "groupMessage",
            value: {
              id,
              groupId,
              decryptedMessageBytes: content,
              sentAtNs,
              kind: small,
              senderInstallationId: id,
              senderInboxId: text,
              deliveryStatus: small,
              versionMajor: small,
              versionMinor: 3,
              authorityId: text,
              contentType: "text",
            },
          });
          expect(view).toMatchObject({
            kind: "message",
            messageId: bytesToHex(id),
            conversationId: bytesToHex(groupId),
            sentAtNs,
            senderInboxId: text,
            senderInstallationId: bytesToHex(id),
            contentType: `${text}/text:${small}.3`,
            contentBytes: content.length,
            messageKind:
              ["unknown", "application", "membershipChange"][small] ??
              "unknown",
            deliveryStatus:
              ["unknown", "unpublished", "published", "failed"][small] ??
              "unknown",
          });
        },
      ),
    );
  });

  it("tells conversations apart whose ids begin alike", () => {
    const seen = Array.from({ length: 3000 }, (_, i) => i).map((n) => {
      const { view } = sampleMessage(n % 7, n, new Uint8Array(0));
      return (
        view.kind === "message" && view.conversationId === conversationId(n % 7)
      );
    });
    expect(seen.every(Boolean)).toBe(true);
  });

  it("sees a group", () => {
    expect(sampleGroup(3).view).toEqual({
      kind: "group",
      conversationId: conversationId(3),
      conversationType: "dm",
      createdAtNs: 1_700_000_000_000_000_003n,
      lastMessageNs: 1_700_000_100_000_000_000n,
      dmId: `dm:${ownerInboxId}:${"0b".repeat(32)}`,
      addedByInboxId: ownerInboxId,
      creatorInboxId: ownerInboxId,
      disappearFromNs: undefined,
      disappearInNs: undefined,
      attributes: new Map([["group_name", "group 3"]]),
    });
  });

  it("sees metadata, also with an unpacked selection", () => {
    expect(sampleMetadata().view).toEqual({
      kind: "metadata",
      exportedAtNs: 1_700_000_200_000_000_000n,
      startNs: undefined,
      endNs: undefined,
      selection: ["messages", "consent"],
    });
    const unpacked = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .fork()
      .tag(2, WireType.Varint)
      .int32(2)
      .tag(2, WireType.Varint)
      .int32(9)
      .join()
      .finish();
    expect(elementRecord(unpacked).view).toMatchObject({
      selection: ["consent", "unknown"],
    });
  });

  it("sees consent", () => {
    expect(sampleConsent(2).view).toEqual({
      kind: "consent",
      entityType: "conversation",
      entity: conversationId(2),
      state: "allowed",
      consentedAtNs: 1_700_000_000_000_000_000n,
    });
  });

  it("takes unknown kinds, and says which", () => {
    const unknown = (field: number) =>
      elementRecord(
        new BinaryWriter()
          .tag(field, WireType.LengthDelimited)
          .string("from the future")
          .finish(),
      ).view;
    expect(unknown(5)).toEqual({ kind: "unknown", fieldNumber: 5 });
    expect(unknown(900)).toEqual({ kind: "unknown", fieldNumber: 900 });
    expect(elementRecord(new Uint8Array(0)).view).toEqual({
      kind: "unknown",
      fieldNumber: 0,
    });
  });

  it("keeps unknown fields of known kinds, byte for byte", () => {
    const known = sampleMessage(1, 1, new Uint8Array(3));
    const bytes = join(
      known.bytes,
      new BinaryWriter().tag(77, WireType.Varint).int32(5).finish(),
    );
    const record = elementRecord(bytes);
    expect(record.view.kind).toBe("message");
    expect(record.bytes).toBe(bytes);
  });

  it("refuses an element that holds two, which two parsers would see differently", () => {
    expect(code(join(sampleGroup(1).bytes, sampleGroup(2).bytes))).toBe(
      "recordInvalid",
    );
    expect(code(join(sampleGroup(1).bytes, sampleConsent(2).bytes))).toBe(
      "recordInvalid",
    );
  });

  it("merges a group's metadata in parts as the schema does", () => {
    const part = (key: string) =>
      new BinaryWriter()
        .tag(14, WireType.LengthDelimited)
        .fork()
        .tag(1, WireType.LengthDelimited)
        .fork()
        .tag(1, WireType.LengthDelimited)
        .string(key)
        .tag(2, WireType.LengthDelimited)
        .string("value")
        .join()
        .join()
        .finish();
    const bytes = new BinaryWriter()
      .tag(2, WireType.LengthDelimited)
      .bytes(join(part("a"), part("b")))
      .finish();
    const decoded = fromBinary(BackupElementSchema, bytes).element;
    expect(
      decoded.case === "group" && decoded.value.mutableMetadata?.attributes,
    ).toEqual({
      a: "value",
      b: "value",
    });
    expect(elementRecord(bytes).view).toMatchObject({
      attributes: new Map([
        ["a", "value"],
        ["b", "value"],
      ]),
    });
  });

  it("refuses text that is no UTF-8", () => {
    const bytes = new BinaryWriter()
      .tag(4, WireType.LengthDelimited)
      .bytes(Uint8Array.of(0x1a, 2, 0xff, 0xfe))
      .finish();
    expect(code(bytes)).toBe("recordInvalid");
  });

  it("refuses an endless selection", () => {
    const bytes = new BinaryWriter()
      .tag(1, WireType.LengthDelimited)
      .fork()
      .tag(2, WireType.LengthDelimited)
      .bytes(new Uint8Array(10_000))
      .join()
      .finish();
    expect(code(bytes)).toBe("recordInvalid");
  });

  it("gives a typed error or a view for any cut and any changed byte", () => {
    for (const record of [
      sampleMessage(1, 2, new Uint8Array(9)),
      sampleGroup(1),
      sampleConsent(1),
      sampleMetadata(),
    ])
      for (let at = 0; at < record.bytes.length; at += 1) {
        expect([undefined, "recordInvalid"]).toContain(
          code(record.bytes.subarray(0, at)),
        );
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = record.bytes.slice();
          changed[at] = value;
          expect([undefined, "recordInvalid"]).toContain(code(changed));
        }
      }
  });

  it("agrees with the schema on what it accepts", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 12 }),
        fc.constantFrom(1, 2, 3, 4),
        (content, field) => {
          const bytes = new BinaryWriter()
            .tag(field, WireType.LengthDelimited)
            .bytes(content)
            .finish();
          if (code(bytes) === undefined) return;
          // What is refused here is refused, or is not in its canonical form, there.
          let canonical: Uint8Array | undefined;
          try {
            canonical = toBinary(
              BackupElementSchema,
              fromBinary(BackupElementSchema, bytes),
            );
          } catch {
            canonical = undefined;
          }
          if (canonical !== undefined) expect(code(canonical)).toBeUndefined();
        },
      ),
      { numRuns: 3000 },
    );
    expect(create(BackupElementSchema).element.case).toBeUndefined();
  });
});
