import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  type MessageHistoryBackupRequest as Wire,
  MessageHistoryBackupRequestSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import {
  encodeMessageHistoryBackupRequest,
  type MessageHistoryBackupRequest,
  parseMessageHistoryBackupRequest,
} from "./message-history-backup-request.js";
import {
  encodePadlockMessagePayload,
  parsePadlockMessagePayload,
} from "./padlock-message-payload.js";
import {
  failureOf,
  pin,
  sampleRequest,
  x25519Identity,
  x25519Recipient,
} from "./testing/samples.js";
import {
  bytesField,
  concat,
  fromHex,
  textField,
  varintField,
} from "./testing/wire-bytes.js";
import { without } from "./testing/without.js";

type Fields = Omit<Wire, "$typeName" | "$unknown">;

const valid = without(
  encodeMessageHistoryBackupRequest(sampleRequest),
  "$typeName",
);

const parse = (fields: Fields) =>
  parseMessageHistoryBackupRequest(
    create(MessageHistoryBackupRequestSchema, fields),
  );

const scope = (change: object): Partial<Fields> => ({
  scope: {
    $typeName: "xip31.v1.BackupScope",
    startNs: 0n,
    endNs: 0n,
    messages: true,
    consent: false,
    ...change,
  },
});

/** Of every field at least one value that is not of its form. */
const faults: Record<keyof Fields, Record<string, Partial<Fields>>> = {
  requestId: {
    "is missing": { requestId: "" },
    "has 15 characters": { requestId: "x".repeat(15) },
    "has 65 characters": { requestId: "x".repeat(65) },
    "holds a slash": { requestId: "../../../../etc/passwd" },
    "ends in a line feed": { requestId: `${"x".repeat(16)}\n` },
    "holds letters of another script": { requestId: "х".repeat(16) },
  },
  verificationPin: {
    "is below 0": { verificationPin: -1 },
    "has five digits": { verificationPin: 10_000 },
  },
  uploadUrl: {
    "is missing": { uploadUrl: "" },
    "is no URL": { uploadUrl: "storage.example/backups" },
    "is not canonical": { uploadUrl: "https://STORAGE.example/backups" },
    "holds credentials": { uploadUrl: "https://a:b@storage.example/" },
  },
  recipientInstallationId: {
    "is missing": { recipientInstallationId: new Uint8Array() },
    "has 31 bytes": { recipientInstallationId: new Uint8Array(31) },
  },
  responseRecipient: {
    "is missing": { responseRecipient: "" },
    "is an identity": { responseRecipient: x25519Identity },
    "has a wrong checksum": {
      responseRecipient: x25519Recipient.replace(/.$/, "q"),
    },
  },
  createdAtNs: {
    "is missing": { createdAtNs: 0n },
    "is before 1970": { createdAtNs: -1n },
  },
  expiresAtNs: {
    "is missing": { expiresAtNs: 0n },
    "is when it was created": { expiresAtNs: sampleRequest.createdAtNs },
    "is before it was created": { expiresAtNs: sampleRequest.createdAtNs - 1n },
  },
  appName: {
    "is missing": { appName: "" },
    "turns the prompt around": { appName: "Example \u202etahC" },
  },
  scope: {
    "asks for nothing": scope({ messages: false }),
    "starts before 1970": scope({ startNs: -1n }),
    "ends before 1970": scope({ endNs: -1n }),
    "ends when it starts": scope({ startNs: 5n, endNs: 5n }),
    "ends before it starts": scope({ startNs: 6n, endNs: 5n }),
  },
  backupFileVersions: {
    "is missing": { backupFileVersions: [] },
    "has 17 numbers": {
      backupFileVersions: Array.from({ length: 17 }, (_, n) => n + 1),
    },
    "holds 0": { backupFileVersions: [1, 0] },
  },
};

describe.each(Object.entries(faults))("%s", (field, changes) => {
  it.each(Object.entries(changes))("%s: invalidField", (_, change) => {
    expect(() => parse(valid)).not.toThrow();
    const error = failureOf(() => parse({ ...valid, ...change }));
    expect(error.code).toBe("invalidField");
    expect(error.message).toMatch(new RegExp(`^request\\.${field}: `));
    const [value] = Object.values(change);
    if (typeof value === "string" && value !== "")
      expect(error.message).not.toContain(value);
    expect(error.cause).toBeUndefined();
  });
});

it.each(["verificationPin", "scope"] as const)(
  "%s is not there: missingField",
  (field) => {
    const others = without(valid, field);
    const error = failureOf(() =>
      parseMessageHistoryBackupRequest(
        create(MessageHistoryBackupRequestSchema, others),
      ),
    );
    expect(error.code).toBe("missingField");
    expect(error.message).toBe(`request.${field}: missing`);
  },
);

describe("reads back", () => {
  it.each<[string, Partial<MessageHistoryBackupRequest>]>([
    ["the sample", {}],
    ["PIN 0000", { verificationPin: pin("0000") }],
    ["PIN 9999", { verificationPin: pin("9999") }],
    ["an X25519 recipient", { responseRecipient: x25519Recipient }],
    ["a plain http URL", { uploadUrl: "http://127.0.0.1:5558/backups" }],
    ["one element", { scope: { elements: ["consent"] } }],
    [
      "a time range",
      { scope: { startNs: 5n, endNs: 6n, elements: ["messages"] } },
    ],
    ["an open end", { scope: { startNs: 5n, elements: ["messages"] } }],
    [
      "sixteen versions",
      { backupFileVersions: Array<number>(16).fill(4_294_967_295) },
    ],
  ])("%s", (_, change) => {
    const request = { ...sampleRequest, ...change };
    const bytes = encodePadlockMessagePayload({ kind: "request", request });
    expect(parsePadlockMessagePayload(bytes)).toEqual({
      value: { kind: "request", request },
      unknownFields: [],
    });
  });
});

it("brings the upload URL into canonical form before it is signed", () => {
  const wire = encodeMessageHistoryBackupRequest({
    ...sampleRequest,
    uploadUrl: "HTTPS://Storage.Example:443/a/../backups",
  });
  expect(wire.uploadUrl).toBe("https://storage.example/backups");
});

it.each<[string, Partial<MessageHistoryBackupRequest>]>([
  ["a name with a lone surrogate", { appName: "Example \ud800" }],
  ["a name of 65 characters", { appName: "x".repeat(65) }],
  ["a URL with a fragment", { uploadUrl: "https://storage.example/#x" }],
  ["a recipient of another kind", { responseRecipient: "age1yubikey1q" }],
  ["no time to answer", { expiresAtNs: sampleRequest.createdAtNs }],
  ["no versions", { backupFileVersions: [] }],
  ["an empty scope", { scope: { elements: [] } }],
])("is not made with %s", (_, change) => {
  const request = { ...sampleRequest, ...change };
  expect(
    failureOf(() => encodePadlockMessagePayload({ kind: "request", request }))
      .code,
  ).toBe("invalidField");
});

it("has the proposal's field numbers, and its own from 16 up", () => {
  const wire = toBinary(
    MessageHistoryBackupRequestSchema,
    encodeMessageHistoryBackupRequest(sampleRequest),
  );
  expect(wire).toEqual(
    concat(
      textField(1, sampleRequest.requestId),
      varintField(2, 42),
      textField(3, sampleRequest.uploadUrl),
      bytesField(16, fromHex(sampleRequest.recipientInstallationId)),
      textField(17, sampleRequest.responseRecipient),
      varintField(18, sampleRequest.createdAtNs),
      varintField(19, sampleRequest.expiresAtNs),
      textField(20, sampleRequest.appName),
      bytesField(21, concat(varintField(3, 1), varintField(4, 1))),
      bytesField(22, Uint8Array.of(1)),
    ),
  );
});

it("reports unknown fields of the request and its scope", () => {
  const wire = concat(
    toBinary(
      MessageHistoryBackupRequestSchema,
      create(MessageHistoryBackupRequestSchema, without(valid, "scope")),
    ),
    bytesField(21, concat(varintField(3, 1), varintField(9, 1))),
    varintField(23, 1),
  );
  const payload = concat(bytesField(3, wire), varintField(40, 1));
  expect(parsePadlockMessagePayload(payload).unknownFields).toEqual([
    "payload#40",
    "request#23",
    "request.scope#9",
  ]);
});
