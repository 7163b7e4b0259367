import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
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
import { parseStorageUrl } from "./url.js";

/** What every installation in the channel sees of a response: that there is one, and nothing else. */
export interface SealedMessageHistoryBackupResponse {
  requestId: RequestId;
  /** An age file around the response's bytes, for the request's `responseRecipient` alone. */
  sealedResponse: Uint8Array;
}

/** XIP-31 `MessageHistoryBackupResponse`, checked: where the Message Backup File is, and how it opens. */
export interface MessageHistoryBackupResponse {
  requestId: RequestId;
  backupUrl: string;
  encryptionParameters: EncryptionParameters;
  /** SHA-256 of the encrypted file, 32 bytes. */
  backupFileHash: Uint8Array;
  expirationTimeNs: bigint;
  /** Bytes of the encrypted file. */
  backupFileSizeBytes: number;
  conversationCount: number;
  messageCount: number;
}

/** How the Message Backup File is encrypted. A union, so that key types can change (XIP-31). */
export type EncryptionParameters = {
  kind: "ageV1";
  /** `AGE-SECRET-KEY-1…`, for this file alone. */ identity: string;
};

/** The wire form of what goes into the channel. */
export function encodeSealedResponse(
  response: SealedMessageHistoryBackupResponse,
): Wire {
  return create(MessageHistoryBackupResponseSchema, response);
}

/** @throws {ProtocolError} also for a response in the clear: it would have shown its key to the whole channel */
export function parseSealedResponse(
  wire: Wire,
): ReadResult<SealedMessageHistoryBackupResponse> {
  const { requestId, sealedResponse } = wire;
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

/** The bytes that are sealed. They hold a key: never log or store them in the clear. */
export function encodeResponse(
  response: MessageHistoryBackupResponse,
): Uint8Array {
  return toBinary(
    MessageHistoryBackupResponseSchema,
    create(MessageHistoryBackupResponseSchema, {
      requestId: response.requestId,
      backupUrl: response.backupUrl,
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
}

/**
 * Reads the bytes that were sealed.
 *
 * @throws {ProtocolError} when malformed, or for any field that is missing or not of its form
 */
export function parseResponse(
  bytes: Uint8Array,
): ReadResult<MessageHistoryBackupResponse> {
  const wire = decode(bytes);
  const {
    requestId,
    backupUrl,
    encryptionParameters,
    backupFileHash,
    expirationTimeNs,
  } = wire;
  const { backupFileSize, conversationCount, messageCount } = wire;
  if (backupFileHash.length !== 32)
    throw new ProtocolError(
      "invalidField",
      `response.backupFileHash: expected 32 bytes, got ${backupFileHash.length}`,
    );
  return {
    value: {
      requestId: parseRequestId(requestId, "response.requestId"),
      backupUrl: parseStorageUrl(backupUrl, "response.backupUrl"),
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
    ],
  };
}

function decode(bytes: Uint8Array): Wire {
  try {
    return fromBinary(MessageHistoryBackupResponseSchema, bytes);
  } catch (cause) {
    throw new ProtocolError(
      "malformed",
      "response: not a MessageHistoryBackupResponse",
      { cause },
    );
  }
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
  if (
    !/^AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{1,4096}$/.test(
      parameters.value.identity,
    )
  )
    throw new ProtocolError(
      "invalidField",
      "response.encryptionParameters.ageV1.identity: not an age identity",
    );
  return { kind: "ageV1", identity: parameters.value.identity };
}
