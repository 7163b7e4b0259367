import {
  hybridIdentity,
  requestId,
  sampleResponse,
  x25519Identity,
  x25519Recipient,
} from "../samples.js";
import {
  bytesField,
  concat,
  textField,
  utf8,
  varintField,
} from "../wire-bytes.js";
import { type Expected, toVectorJson } from "./vector.js";

const nothing = new Uint8Array();

const ageV1 = (identity: string) =>
  bytesField(3, bytesField(1, textField(1, identity)));

const fields: Record<number, Uint8Array> = {
  1: textField(1, requestId),
  2: textField(2, sampleResponse.backupUrl),
  3: ageV1(x25519Identity),
  4: bytesField(4, sampleResponse.backupFileHash),
  5: varintField(5, sampleResponse.expirationTimeNs),
  16: varintField(16, sampleResponse.backupFileSizeBytes),
  17: varintField(17, sampleResponse.conversationCount),
  18: varintField(18, sampleResponse.messageCount),
};

const withChanges = (changes: Record<number, Uint8Array>) =>
  concat(...Object.values({ ...fields, ...changes }));

const cases: { name: string; response: Uint8Array; expected: Expected }[] = [
  {
    name: "response",
    response: withChanges({}),
    expected: { value: toVectorJson(sampleResponse), unknownFields: [] },
  },
  {
    name: "response with a hybrid identity",
    response: withChanges({ 3: ageV1(hybridIdentity) }),
    expected: {
      value: toVectorJson({
        ...sampleResponse,
        encryptionParameters: { kind: "ageV1", identity: hybridIdentity },
      }),
      unknownFields: [],
    },
  },
  {
    name: "response of an empty history",
    response: withChanges({ 17: nothing, 18: nothing }),
    expected: {
      value: toVectorJson({
        ...sampleResponse,
        conversationCount: 0,
        messageCount: 0,
      }),
      unknownFields: [],
    },
  },
  {
    name: "response with fields of a later version",
    response: withChanges({ 20: textField(20, "later") }),
    expected: {
      value: toVectorJson(sampleResponse),
      unknownFields: ["response#20"],
    },
  },
  ...[1, 2, 4, 5].map((field) => ({
    name: `response without field ${field}`,
    response: withChanges({ [field]: nothing }),
    expected: { error: "invalidField" as const },
  })),
  ...[3, 16].map((field) => ({
    name: `response without field ${field}`,
    response: withChanges({ [field]: nothing }),
    expected: { error: "missingField" as const },
  })),
  {
    name: "response with encryption parameters of a later version",
    response: withChanges({ 3: bytesField(3, bytesField(2, nothing)) }),
    expected: { error: "unknownContents" },
  },
  {
    name: "response with a recipient for an identity",
    response: withChanges({ 3: ageV1(x25519Recipient) }),
    expected: { error: "invalidField" },
  },
  {
    name: "response with an identity whose checksum is wrong",
    response: withChanges({ 3: ageV1(x25519Identity.replace(/.$/, "Q")) }),
    expected: { error: "invalidField" },
  },
  {
    name: "response with a hash of 31 bytes",
    response: withChanges({ 4: bytesField(4, new Uint8Array(31)) }),
    expected: { error: "invalidField" },
  },
  {
    name: "response with a size of 2^53",
    response: withChanges({ 16: varintField(16, 2n ** 53n) }),
    expected: { error: "invalidField" },
  },
  {
    name: "response with a negative count",
    response: withChanges({ 18: varintField(18, -1) }),
    expected: { error: "invalidField" },
  },
  {
    name: "response that is sealed twice",
    response: withChanges({ 19: bytesField(19, utf8("age")) }),
    expected: { error: "invalidField" },
  },
  {
    name: "bytes cut short",
    response: withChanges({}).subarray(0, 60),
    expected: { error: "malformed" },
  },
];

export const responseVectors = {
  about:
    "Bytes of a MessageHistoryBackupResponse as they are sealed to the requester, and what the requester reads once it has opened the seal.",
  cases: cases.map(({ name, response, expected }) => ({
    name,
    response: toVectorJson(response),
    expected,
  })),
};
