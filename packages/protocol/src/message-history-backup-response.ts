import { create, isFieldSet, toBinary } from "@bufbuild/protobuf";
import { isAgeIdentity } from "./age-keys.js";
import { decodeMessage } from "./decode-message.js";
import { ProtocolError } from "./errors.js";
import {
  type MessageHistoryBackupResponse as Wire,
  MessageHistoryBackupResponseSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import { parseRequestId, type RequestId } from "./ids.js";
import {
  parseCount,
  parseTimeNs,
  type ReadResult,
  required,
  unknownFieldsOf,
} from "./read-result.js";
import { parseCanonicalStorageUrl, parseStorageUrl } from "./url.js";

/** What every installation in the channel sees of a response: that there is one, and nothing else. */
export interface SealedMessageHistoryBackupResponse {
  requestId: RequestId;
  /** An age file around the response's bytes, for the request's `responseRecipient` alone. */
  sealedResponse: Uint8Array;
}

/** XIP-31 `MessageHistoryBackupResponse`, checked: where the Message Backup File is, and how it opens. */
export interface MessageHistoryBackupResponse {
  requestId: RequestId;
  /** XIP-31 `backup_url`; whoever has it can fetch the file, so it is a secret. */
  backupUrl: string;
  encryptionParameters: EncryptionParameters;
  /** SHA-256 of the encrypted file, 32 bytes. */
  backupFileHash: Uint8Array;
  /** When the Backup Storage Provider deletes the file, nanoseconds since 1970. */
  expirationTimeNs: bigint;
  /** Bytes of the encrypted file; at least 1. */
  backupFileSizeBytes: number;
  conversationCount: number;
  messageCount: number;
}

/** How the Message Backup File is encrypted. A union, so that key types can change (XIP-31). */
export interface EncryptionParameters {
  kind: "ageV1";
  /** `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, made for this file alone. */
  identity: string;
}

/** The wire form of what goes into the channel. */
export function encodeSealedResponse(
  response: SealedMessageHistoryBackupResponse,
): Wire {
  // Field by field: an object that also holds the open response must not carry its key into the channel.
  return create(MessageHistoryBackupResponseSchema, {
    requestId: response.requestId,
    sealedResponse: response.sealedResponse,
  });
}

/**
 * @throws {ProtocolError} `invalidField` also for a response that is, in whole or in part, in the clear: it shows its key
 * or its URL to the whole channel
 */
export function parseSealedResponse(
  wire: Wire,
): ReadResult<SealedMessageHistoryBackupResponse> {
  const { requestId, sealedResponse } = wire;
  for (const field of sealedAlone)
    if (isFieldSet(wire, MessageHistoryBackupResponseSchema.field[field]))
      throw new ProtocolError(
        "invalidField",
        `response.${field}: outside the seal`,
      );
  if (sealedResponse.length === 0)
    throw new ProtocolError("missingField", "response.sealedResponse: missing");
  return {
    value: {
      requestId: parseRequestId(requestId, "response.requestId"),
      sealedResponse,
    },
    unknownFields: unknownFieldsOf("response", wire),
  };
}

/** What only the requester may see. */
const sealedAlone = [
  "backupUrl",
  "encryptionParameters",
  "backupFileHash",
  "expirationTimeNs",
  "backupFileSize",
  "conversationCount",
  "messageCount",
] as const;

/**
 * The bytes that are sealed. They hold a key: never log or store them in the clear. The URL is brought into its canonical
 * form.
 *
 * @throws {ProtocolError} for a response that no receiver would accept, as {@link parseResponse} does
 */
export function encodeResponse(
  response: MessageHistoryBackupResponse,
): Uint8Array {
  const bytes = toBinary(
    MessageHistoryBackupResponseSchema,
    create(MessageHistoryBackupResponseSchema, {
      requestId: response.requestId,
      backupUrl: parseStorageUrl(response.backupUrl, "response.backupUrl"),
      encryptionParameters: {
        parameters: {
          case: "ageV1",
          value: { identity: response.encryptionParameters.identity },
        },
      },
      backupFileHash: response.backupFileHash,
      expirationTimeNs: response.expirationTimeNs,
      backupFileSize: BigInt(response.backupFileSizeBytes),
      conversationCount: BigInt(response.conversationCount),
      messageCount: BigInt(response.messageCount),
    }),
  );
  parseResponse(bytes);
  return bytes;
}

/**
 * Reads the bytes that were sealed.
 *
 * @throws {ProtocolError} when malformed, or for any field that is missing or not of its form
 */
export function parseResponse(
  bytes: Uint8Array,
): ReadResult<MessageHistoryBackupResponse> {
  const wire = decodeMessage(
    MessageHistoryBackupResponseSchema,
    bytes,
    "response",
  );
  const {
    requestId,
    backupUrl,
    encryptionParameters,
    backupFileHash,
    expirationTimeNs,
  } = wire;
  const { backupFileSize, conversationCount, messageCount, sealedResponse } =
    wire;
  if (sealedResponse.length !== 0)
    throw new ProtocolError(
      "invalidField",
      "response.sealedResponse: sealed twice",
    );
  if (backupFileSize === 0n)
    throw new ProtocolError("missingField", "response.backupFileSize: missing");
  if (backupFileHash.length !== 32)
    throw new ProtocolError(
      "invalidField",
      `response.backupFileHash: expected 32 bytes, got ${backupFileHash.length}`,
    );
  return {
    value: {
      requestId: parseRequestId(requestId, "response.requestId"),
      backupUrl: parseCanonicalStorageUrl(backupUrl, "response.backupUrl"),
      encryptionParameters: parseEncryptionParameters(
        required("response.encryptionParameters", encryptionParameters),
      ),
      backupFileHash,
      expirationTimeNs: parseTimeNs(
        "response.expirationTimeNs",
        expirationTimeNs,
      ),
      backupFileSizeBytes: parseCount(
        "response.backupFileSize",
        backupFileSize,
      ),
      conversationCount: parseCount(
        "response.conversationCount",
        conversationCount,
      ),
      messageCount: parseCount("response.messageCount", messageCount),
    },
    unknownFields: [
      ...unknownFieldsOf("response", wire),
      ...unknownFieldsOf("response.encryptionParameters", encryptionParameters),
      ...unknownFieldsOf(
        "response.encryptionParameters.ageV1",
        encryptionParameters?.parameters.value,
      ),
    ],
  };
}

function parseEncryptionParameters(
  wire: NonNullable<Wire["encryptionParameters"]>,
): EncryptionParameters {
  const { parameters } = wire;
  if (parameters.case !== "ageV1")
    throw new ProtocolError(
      "unknownContents",
      "response.encryptionParameters: of a kind that is not known here",
    );
  if (!isAgeIdentity(parameters.value.identity))
    throw new ProtocolError(
      "invalidField",
      "response.encryptionParameters.ageV1.identity: not an age identity",
    );
  return { kind: "ageV1", identity: parameters.value.identity };
}
