import { describe, expect, it } from "vitest";
import { classifyBackupMessage } from "./classify.js";
import {
  encodePadlockMessagePayload,
  type PadlockMessagePayload,
  parsePadlockMessagePayload,
} from "./padlock-message-payload.js";
import { failureOf, requestId, samplePayloads } from "./testing/samples.js";
import {
  bytesField,
  concat,
  textField,
  varintField,
} from "./testing/wire-bytes.js";

it.each(Object.values(samplePayloads))("reads back a $kind", (payload) => {
  const bytes = encodePadlockMessagePayload(payload);
  expect(parsePadlockMessagePayload(bytes)).toEqual({
    value: payload,
    unknownFields: [],
  });
});

it.each<[PadlockMessagePayload["kind"], number]>([
  ["request", 3],
  ["response", 4],
  ["decline", 16],
  ["contactBundle", 17],
  ["relayedContactBundle", 18],
])("carries a %s in field %i", (kind, field) => {
  const bytes = encodePadlockMessagePayload(samplePayloads[kind]);
  const [tag] = bytesField(field, new Uint8Array());
  expect(bytes[0]).toBe(tag);
});

it.each(Object.values(samplePayloads))(
  "a $kind is an error when cut at any byte",
  (payload) => {
    const bytes = encodePadlockMessagePayload(payload);
    for (let length = 0; length < bytes.length; length += 1)
      failureOf(() => parsePadlockMessagePayload(bytes.subarray(0, length)));
  },
);

describe("unknownContents", () => {
  it.each([
    ["nothing at all", new Uint8Array()],
    ["chat, which does not travel here", bytesField(2, textField(1, "id"))],
    ["a kind of a later version", bytesField(19, textField(1, requestId))],
  ])("%s", (_, bytes) => {
    const error = failureOf(() => parsePadlockMessagePayload(bytes));
    expect(error.code).toBe("unknownContents");
    expect(error.advice).toContain("Update");
  });
});

it("refuses a signature inside what is signed", () => {
  const bytes = concat(
    bytesField(1, bytesField(1, new Uint8Array(64))),
    encodePadlockMessagePayload(samplePayloads.decline),
  );
  const error = failureOf(() => parsePadlockMessagePayload(bytes));
  expect(error.code).toBe("invalidField");
  expect(error.message).toContain("payload.headerSignature");
});

it("refuses bytes that are no payload", () => {
  expect(
    failureOf(() => parsePadlockMessagePayload(Uint8Array.of(0xff))).code,
  ).toBe("malformed");
});

describe("decline", () => {
  it.each(["", "short", "x".repeat(65), "0123456789abcde\u0000"])(
    "of request id %j: invalidField",
    (id) => {
      const error = failureOf(() =>
        parsePadlockMessagePayload(bytesField(16, textField(1, id))),
      );
      expect(error.code).toBe("invalidField");
      expect(error.message).toMatch(/^decline\.requestId: /);
    },
  );

  it("reports unknown fields", () => {
    const bytes = bytesField(
      16,
      concat(textField(1, requestId), textField(2, "reason")),
    );
    expect(parsePadlockMessagePayload(bytes).unknownFields).toEqual([
      "decline#2",
    ]);
  });
});

describe("contact bundle", () => {
  const bundle = (role: number, createdAtNs: number) =>
    parsePadlockMessagePayload(
      bytesField(
        17,
        concat(varintField(3, role), varintField(16, createdAtNs)),
      ),
    );

  it("tells the two roles of the proposal", () => {
    expect(bundle(1, 7).value).toEqual({
      kind: "contactBundle",
      contactRole: "full",
      createdAtNs: 7n,
    });
    expect(bundle(2, 7).value).toMatchObject({ contactRole: "backup" });
    for (const contactRole of ["full", "backup"] as const) {
      const payload = {
        kind: "contactBundle",
        contactRole,
        createdAtNs: 7n,
      } as const;
      const bytes = encodePadlockMessagePayload(payload);
      expect(parsePadlockMessagePayload(bytes).value).toEqual(payload);
    }
  });

  it.each([0, 3, -1])("of role %i: invalidField", (role) => {
    const error = failureOf(() => bundle(role, 7));
    expect(error.code).toBe("invalidField");
    expect(error.message).toContain("contactBundle.contactRole");
  });

  it.each([0, -1])("made at %i: invalidField", (createdAtNs) => {
    const error = failureOf(() => bundle(2, createdAtNs));
    expect(error.code).toBe("invalidField");
    expect(error.message).toContain("contactBundle.createdAtNs");
  });

  it("reports unknown fields", () => {
    const bytes = bytesField(
      17,
      concat(varintField(3, 2), varintField(16, 7), varintField(1, 0)),
    );
    expect(parsePadlockMessagePayload(bytes).unknownFields).toEqual([
      "contactBundle#1",
    ]);
  });
});

describe("a relayed contact bundle", () => {
  const relayed = (channelId: Uint8Array, envelope: Uint8Array) =>
    parsePadlockMessagePayload(
      bytesField(18, concat(bytesField(1, channelId), bytesField(2, envelope))),
    );

  it.each([0, 15, 65])("for a channel id of %i bytes: invalidField", (size) => {
    const error = failureOf(() =>
      relayed(new Uint8Array(size), new Uint8Array(1)),
    );
    expect(error.code).toBe("invalidField");
    expect(error.message).toContain("relayedContactBundle.channelId");
  });

  it("without an envelope: missingField", () => {
    expect(
      failureOf(() => relayed(new Uint8Array(16), new Uint8Array())).code,
    ).toBe("missingField");
  });

  it("is not looked into: what is inside is read by whoever wants to believe it", () => {
    let inner = encodePadlockMessagePayload(samplePayloads.decline);
    for (let depth = 0; depth < 1_000; depth += 1)
      inner = bytesField(
        18,
        concat(bytesField(1, new Uint8Array(16)), bytesField(2, inner)),
      );
    expect(parsePadlockMessagePayload(inner).value.kind).toBe(
      "relayedContactBundle",
    );
  });
});

it("reports at most 16 unknown fields of a message, each once", () => {
  const many = Array.from({ length: 1_000 }, (_, n) =>
    varintField(100 + (n % 500), 0),
  );
  const bytes = concat(
    encodePadlockMessagePayload(samplePayloads.decline),
    ...many,
  );
  const { unknownFields } = parsePadlockMessagePayload(bytes);
  expect(unknownFields).toEqual(
    Array.from({ length: 16 }, (_, n) => `payload#${100 + n}`),
  );
});

it("classifyBackupMessage is no parser of payloads", () => {
  const bytes = encodePadlockMessagePayload(samplePayloads.request);
  expect(classifyBackupMessage(bytes)).toBeUndefined();
});
