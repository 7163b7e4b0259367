import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { maxBackupMessageBytes } from "./content-type.js";
import {
  encodeEnvelope,
  type PadlockEnvelope,
  parseEnvelope,
  verifyEnvelope,
} from "./envelope.js";
import {
  type PadlockEnvelope as Wire,
  PadlockEnvelopeSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import { parseChannelId, parseInboxId } from "./ids.js";
import {
  channelId,
  failureOf,
  inboxId,
  provider,
  requester,
  samplePayloads,
  sealedBy,
} from "./testing/samples.js";
import { bytesField, concat, fromHex, hex } from "./testing/wire-bytes.js";

const place = { inboxId, channelId };
const bytes = sealedBy(requester, samplePayloads.request);
const { value: envelope } = parseEnvelope(bytes);

/** Parses and verifies, as a receiver does. */
function receive(content: Uint8Array): PadlockEnvelope {
  const { value } = parseEnvelope(content);
  verifyEnvelope(value, place);
  return value;
}

it("reads back what was sent, and verifies it", () => {
  expect(receive(bytes)).toEqual(envelope);
  expect(envelope.senderInstallationId).toBe(requester.installationId);
  expect(encodeEnvelope(envelope)).toEqual(bytes);
});

it("has the proposal's field number for the signature, and its own from 16 up", () => {
  const made = encodeEnvelope({
    ...envelope,
    payload: Uint8Array.of(0xaa),
    headerSignature: new Uint8Array(64).fill(0xbb),
  });
  expect(hex(made)).toBe(
    `0a420a40${"bb".repeat(64)}820101aa8a0120${requester.installationId}`,
  );
});

describe("one changed field, one code", () => {
  const valid: Omit<Wire, "$typeName" | "$unknown"> = {
    headerSignature: {
      $typeName: "xip31.v1.EdDsaSignature",
      bytes: envelope.headerSignature,
    },
    payload: envelope.payload,
    senderInstallationId: fromHex(requester.installationId),
  };
  const signature = (length: number) => ({
    headerSignature: {
      $typeName: "xip31.v1.EdDsaSignature" as const,
      bytes: new Uint8Array(length),
    },
  });
  it.each<[string, Partial<Wire>, string, string]>([
    ["no payload", { payload: new Uint8Array() }, "missingField", "payload"],
    [
      "a signature of no bytes",
      signature(0),
      "invalidField",
      "headerSignature: expected 64 bytes, got 0",
    ],
    [
      "a signature of 63 bytes",
      signature(63),
      "invalidField",
      "headerSignature: expected 64 bytes, got 63",
    ],
    [
      "a signature of 65 bytes",
      signature(65),
      "invalidField",
      "headerSignature: expected 64 bytes, got 65",
    ],
    [
      "no sender",
      { senderInstallationId: new Uint8Array() },
      "invalidField",
      "senderInstallationId: expected 32 bytes, got 0",
    ],
    [
      "a sender of 33 bytes",
      { senderInstallationId: new Uint8Array(33) },
      "invalidField",
      "senderInstallationId: expected 32 bytes, got 33",
    ],
  ])("%s", (_, change, code, message) => {
    const changed = toBinary(
      PadlockEnvelopeSchema,
      create(PadlockEnvelopeSchema, { ...valid, ...change }),
    );
    const error = failureOf(() => parseEnvelope(changed));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`envelope.${message}`);
  });

  it("no signature", () => {
    const { payload, senderInstallationId } = valid;
    const changed = toBinary(
      PadlockEnvelopeSchema,
      create(PadlockEnvelopeSchema, { payload, senderInstallationId }),
    );
    expect(failureOf(() => parseEnvelope(changed)).code).toBe("missingField");
  });
});

it("refuses to make an envelope that nobody would accept", () => {
  const { length } = encodeEnvelope({
    ...envelope,
    payload: new Uint8Array(60_000),
  });
  const room = maxBackupMessageBytes - length;
  const fitting = { ...envelope, payload: new Uint8Array(60_000 + room) };
  expect(encodeEnvelope(fitting).length).toBe(maxBackupMessageBytes);
  const tooLong = { ...envelope, payload: new Uint8Array(60_001 + room) };
  expect(failureOf(() => encodeEnvelope(tooLong)).code).toBe("tooLarge");
  const unsigned = { ...envelope, headerSignature: new Uint8Array() };
  expect(failureOf(() => encodeEnvelope(unsigned)).code).toBe("invalidField");
});

it("is an error when cut at any byte", () => {
  for (let length = 0; length < bytes.length; length += 1)
    expect(failureOf(() => receive(bytes.subarray(0, length))).code).toMatch(
      /^(malformed|missingField|invalidField)$/,
    );
});

it("is an error when any one bit is flipped", () => {
  const decline = sealedBy(requester, samplePayloads.decline);
  receive(decline);
  const codes = new Set<string>();
  for (let bit = 0; bit < decline.length * 8; bit += 1) {
    const flipped = Uint8Array.from(decline);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    codes.add(failureOf(() => receive(flipped)).code);
  }
  expect(codes).toEqual(
    new Set(["malformed", "missingField", "invalidField", "badSignature"]),
  );
});

it("is an error with anything but whole fields behind it", () => {
  expect(failureOf(() => parseEnvelope(concat(bytes, bytes))).code).toBe(
    "malformed",
  );
  expect(
    failureOf(() => parseEnvelope(concat(bytes, Uint8Array.of(0)))).code,
  ).toBe("malformed");
});

it("reports unknown fields, which the signature does not cover", () => {
  const extended = concat(
    bytes,
    bytesField(18, Uint8Array.of(1)),
    bytesField(99, Uint8Array.of(1)),
    bytesField(18, Uint8Array.of(2)),
  );
  const { value, unknownFields } = parseEnvelope(extended);
  verifyEnvelope(value, place);
  expect(unknownFields).toEqual(["envelope#18", "envelope#99"]);
});

it("reports unknown fields beside the signature", () => {
  const extended = concat(
    bytesField(
      1,
      concat(
        bytesField(1, envelope.headerSignature),
        bytesField(2, new Uint8Array()),
      ),
    ),
    bytesField(16, envelope.payload),
    bytesField(17, fromHex(requester.installationId)),
  );
  expect(parseEnvelope(extended).unknownFields).toEqual([
    "envelope.headerSignature#2",
  ]);
});

describe("a message that was moved is not by its sender", () => {
  const refused = (moved: PadlockEnvelope, to = place) => {
    const error = failureOf(() => {
      verifyEnvelope(moved, to);
    });
    expect(error.code).toBe("badSignature");
    expect(error.message).not.toMatch(/[0-9a-f]{16}/);
  };
  it("to another inbox", () => {
    refused(envelope, { ...place, inboxId: parseInboxId("a2".repeat(32)) });
  });
  it("to another channel", () => {
    refused(envelope, { ...place, channelId: parseChannelId("c5".repeat(16)) });
  });
  it("to a channel whose id begins alike", () => {
    refused(envelope, {
      ...place,
      channelId: parseChannelId("c4".repeat(17)),
    });
  });
  it("to another installation", () => {
    refused({
      ...envelope,
      senderInstallationId: provider.installationId,
    });
  });
  it("to another payload", () => {
    const other = parseEnvelope(sealedBy(requester, samplePayloads.decline));
    refused({ ...envelope, payload: other.value.payload });
  });
});
