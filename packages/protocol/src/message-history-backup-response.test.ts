import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { maxBackupMessageBytes } from "./content-type.js";
import { ProtocolError } from "./errors.js";
import {
  type MessageHistoryBackupResponse as Wire,
  MessageHistoryBackupResponseSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import {
  encodeResponse,
  encodeSealedResponse,
  type MessageHistoryBackupResponse,
  parseResponse,
  parseSealedResponse,
} from "./message-history-backup-response.js";
import {
  failureOf,
  hybridIdentity,
  requestId,
  sampleResponse,
  sampleSealedResponse,
  x25519Identity,
  x25519Recipient,
} from "./testing/samples.js";
import {
  bytesField,
  concat,
  textField,
  utf8,
  varintField,
} from "./testing/wire-bytes.js";
import { without } from "./testing/without.js";

type Fields = Omit<Wire, "$typeName" | "$unknown">;

const ageV1 = (identity: string): Partial<Fields> => ({
  encryptionParameters: {
    $typeName: "xip31.v1.EncryptionParameters",
    parameters: {
      case: "ageV1",
      value: { $typeName: "xip31.v1.AgeV1", identity },
    },
  },
});

const open: Fields = {
  requestId,
  backupUrl: sampleResponse.backupUrl,
  ...ageV1(x25519Identity),
  backupFileHash: sampleResponse.backupFileHash,
  expirationTimeNs: sampleResponse.expirationTimeNs,
  backupFileSize: 73_421n,
  conversationCount: 12n,
  messageCount: 345n,
  sealedResponse: new Uint8Array(),
};

const wireOf = (fields: Fields) =>
  toBinary(
    MessageHistoryBackupResponseSchema,
    create(MessageHistoryBackupResponseSchema, fields),
  );

type Fault = [change: Partial<Fields>, code: string, message: string];

describe("what was sealed", () => {
  /** Of every field at least one value that is not of its form. */
  const faults: Record<keyof Fields, Record<string, Fault>> = {
    requestId: {
      "is missing": [{ requestId: "" }, "invalidField", "requestId: "],
    },
    backupUrl: {
      "is missing": [{ backupUrl: "" }, "invalidField", "backupUrl: "],
      "is a script": [
        { backupUrl: "javascript:alert(1)" },
        "invalidField",
        "backupUrl: ",
      ],
      "is not canonical": [
        { backupUrl: "https://storage.example:443/backups/x" },
        "invalidField",
        "backupUrl: not in canonical form",
      ],
    },
    encryptionParameters: {
      "is of an unknown kind": [
        {
          encryptionParameters: {
            $typeName: "xip31.v1.EncryptionParameters",
            parameters: { case: undefined },
          },
        },
        "unknownContents",
        "encryptionParameters: ",
      ],
      "holds no identity": [
        ageV1(""),
        "invalidField",
        "encryptionParameters.ageV1.identity: ",
      ],
      "holds a recipient": [
        ageV1(x25519Recipient),
        "invalidField",
        "encryptionParameters.ageV1.identity: ",
      ],
      "holds an identity with a wrong checksum": [
        ageV1(x25519Identity.replace(/.$/, "Q")),
        "invalidField",
        "encryptionParameters.ageV1.identity: ",
      ],
    },
    backupFileHash: {
      "is missing": [
        { backupFileHash: new Uint8Array() },
        "invalidField",
        "backupFileHash: expected 32 bytes, got 0",
      ],
      "has 33 bytes": [
        { backupFileHash: new Uint8Array(33) },
        "invalidField",
        "backupFileHash: expected 32 bytes, got 33",
      ],
    },
    expirationTimeNs: {
      "is missing": [
        { expirationTimeNs: 0n },
        "invalidField",
        "expirationTimeNs: ",
      ],
      "is before 1970": [
        { expirationTimeNs: -1n },
        "invalidField",
        "expirationTimeNs: ",
      ],
    },
    backupFileSize: {
      "is missing": [{ backupFileSize: 0n }, "missingField", "backupFileSize:"],
      "is negative": [
        { backupFileSize: -1n },
        "invalidField",
        "backupFileSize: ",
      ],
      "is past 2^53": [
        { backupFileSize: 2n ** 53n },
        "invalidField",
        "backupFileSize: ",
      ],
    },
    conversationCount: {
      "is negative": [
        { conversationCount: -1n },
        "invalidField",
        "conversationCount: ",
      ],
    },
    messageCount: {
      "is negative": [{ messageCount: -1n }, "invalidField", "messageCount: "],
    },
    sealedResponse: {
      "is there again": [
        { sealedResponse: Uint8Array.of(1) },
        "invalidField",
        "sealedResponse: ",
      ],
    },
  };

  describe.each(Object.entries(faults))("%s", (_, changes) => {
    it.each(Object.entries(changes))("%s", (_, [change, code, message]) => {
      expect(() => parseResponse(wireOf(open))).not.toThrow();
      const error = failureOf(() =>
        parseResponse(wireOf({ ...open, ...change })),
      );
      expect(error.code).toBe(code);
      expect(error.message).toContain(`response.${message}`);
      expect(error.message).not.toMatch(/AGE-SECRET-KEY|age1|javascript|\/\//);
      expect(error.cause).toBeUndefined();
    });
  });

  it("encryptionParameters are not there: missingField", () => {
    const others = without(open, "encryptionParameters");
    expect(failureOf(() => parseResponse(wireOf(others))).code).toBe(
      "missingField",
    );
  });

  it("is no larger than a message", () => {
    const bytes = new Uint8Array(maxBackupMessageBytes + 1);
    expect(failureOf(() => parseResponse(bytes)).code).toBe("tooLarge");
  });

  it("is an error when cut at any byte", () => {
    const bytes = encodeResponse(sampleResponse);
    const readable: number[] = [];
    for (let length = 0; length < bytes.length; length += 1)
      try {
        parseResponse(bytes.subarray(0, length));
        readable.push(length);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    // The counts stand last, and a count that is not there is zero.
    const messageCount = varintField(18, 345).length;
    const conversationCount = varintField(17, 12).length;
    expect(readable).toEqual([
      bytes.length - messageCount - conversationCount,
      bytes.length - messageCount,
    ]);
  });

  it.each<[string, Partial<MessageHistoryBackupResponse>]>([
    ["the sample", {}],
    [
      "a hybrid identity",
      { encryptionParameters: { kind: "ageV1", identity: hybridIdentity } },
    ],
    ["no messages", { conversationCount: 0, messageCount: 0 }],
    ["the largest size", { backupFileSizeBytes: Number.MAX_SAFE_INTEGER }],
  ])("reads back %s", (_, change) => {
    const response = { ...sampleResponse, ...change };
    expect(parseResponse(encodeResponse(response))).toEqual({
      value: response,
      unknownFields: [],
    });
  });

  it("is not made with a field that no receiver accepts", () => {
    const short = { ...sampleResponse, backupFileHash: new Uint8Array(31) };
    expect(failureOf(() => encodeResponse(short)).code).toBe("invalidField");
    const query = { ...sampleResponse, backupUrl: "https://s.example/#key" };
    expect(failureOf(() => encodeResponse(query)).code).toBe("invalidField");
  });

  it("has the proposal's field numbers, and its own from 16 up", () => {
    expect(encodeResponse(sampleResponse)).toEqual(
      concat(
        textField(1, requestId),
        textField(2, sampleResponse.backupUrl),
        bytesField(3, bytesField(1, textField(1, x25519Identity))),
        bytesField(4, sampleResponse.backupFileHash),
        varintField(5, sampleResponse.expirationTimeNs),
        varintField(16, 73_421),
        varintField(17, 12),
        varintField(18, 345),
      ),
    );
  });

  it("reports unknown fields at every depth", () => {
    const bytes = concat(
      wireOf(without(open, "encryptionParameters")),
      bytesField(
        3,
        concat(
          bytesField(1, concat(textField(1, x25519Identity), textField(2, ""))),
          textField(7, ""),
        ),
      ),
      textField(20, ""),
    );
    expect(parseResponse(bytes).unknownFields).toEqual([
      "response#20",
      "response.encryptionParameters#7",
      "response.encryptionParameters.ageV1#2",
    ]);
  });
});

describe("what the channel sees", () => {
  const sealed: Fields = {
    ...without(open, "encryptionParameters"),
    backupUrl: "",
    backupFileHash: new Uint8Array(),
    expirationTimeNs: 0n,
    backupFileSize: 0n,
    conversationCount: 0n,
    messageCount: 0n,
    sealedResponse: sampleSealedResponse.sealedResponse,
  };
  const parse = (fields: Fields) =>
    parseSealedResponse(create(MessageHistoryBackupResponseSchema, fields));

  it("is the request id and the seal", () => {
    expect(parse(sealed).value).toEqual(sampleSealedResponse);
    expect(
      failureOf(() => parse({ ...sealed, sealedResponse: new Uint8Array() }))
        .code,
    ).toBe("missingField");
    expect(failureOf(() => parse({ ...sealed, requestId: "" })).code).toBe(
      "invalidField",
    );
  });

  it.each(
    Object.entries(open).filter(
      ([field]) => field !== "requestId" && field !== "sealedResponse",
    ),
  )("never holds %s", (field, value) => {
    const error = failureOf(() => parse({ ...sealed, [field]: value }));
    expect(error.code).toBe("invalidField");
    expect(error.message).toBe(`response.${field}: outside the seal`);
  });

  it("never holds a whole response in the clear", () => {
    expect(failureOf(() => parse(open)).code).toBe("invalidField");
  });

  it("is made of these two fields alone, whatever else the object holds", () => {
    const wire = encodeSealedResponse({
      ...sampleResponse,
      sealedResponse: utf8("sealed"),
    });
    expect(toBinary(MessageHistoryBackupResponseSchema, wire)).toEqual(
      concat(textField(1, requestId), bytesField(19, utf8("sealed"))),
    );
  });
});
