import { create, toBinary } from "@bufbuild/protobuf";
import { decodeMessage } from "./decode-message.js";
import { ProtocolError } from "./errors.js";
import {
  ContactRole as WireRole,
  PadlockMessagePayloadSchema,
  type RelayedContactBundle,
} from "./gen/xip31/v1/xip31_pb.js";
import {
  type ChannelId,
  channelIdFromBytes,
  channelIdToBytes,
  parseRequestId,
  type RequestId,
} from "./ids.js";
import {
  encodeMessageHistoryBackupRequest,
  type MessageHistoryBackupRequest,
  parseMessageHistoryBackupRequest,
} from "./message-history-backup-request.js";
import {
  encodeSealedResponse,
  parseSealedResponse,
  type SealedMessageHistoryBackupResponse,
} from "./message-history-backup-response.js";
import {
  parseTimeNs,
  type ReadResult,
  unknownFieldsOf,
} from "./read-result.js";

/** XIP-31 `ContactRole`. Of a `backup` installation every message but a response is disregarded. */
export type ContactRole = "full" | "backup";

/** XIP-31 `PadlockMessagePayload`, checked: one of the messages that travel in a backup channel. */
export type PadlockMessagePayload =
  | { kind: "request"; request: MessageHistoryBackupRequest }
  | { kind: "response"; response: SealedMessageHistoryBackupResponse }
  | { kind: "decline"; requestId: RequestId }
  | { kind: "contactBundle"; contactRole: ContactRole; createdAtNs: bigint }
  /** Somebody shows another installation's own announcement: an envelope that is still to be read and verified. */
  | {
      kind: "relayedContactBundle";
      channelId: ChannelId;
      envelope: Uint8Array;
    };

/**
 * The exact bytes that are signed and sent.
 *
 * @throws {ProtocolError} for a payload that no receiver would accept, as {@link parsePadlockMessagePayload} does
 */
export function encodePadlockMessagePayload(
  payload: PadlockMessagePayload,
): Uint8Array {
  const bytes = toBinary(
    PadlockMessagePayloadSchema,
    create(PadlockMessagePayloadSchema, { contents: encodeContents(payload) }),
  );
  parsePadlockMessagePayload(bytes);
  return bytes;
}

function encodeContents(payload: PadlockMessagePayload) {
  switch (payload.kind) {
    case "request":
      return {
        case: "messageHistoryBackupRequest",
        value: encodeMessageHistoryBackupRequest(payload.request),
      } as const;
    case "response":
      return {
        case: "messageHistoryBackupResponse",
        value: encodeSealedResponse(payload.response),
      } as const;
    case "decline":
      return {
        case: "messageHistoryBackupDecline",
        value: { requestId: payload.requestId },
      } as const;
    case "contactBundle":
      return {
        case: "installationContactBundle",
        value: {
          contactRole:
            payload.contactRole === "backup" ? WireRole.BACKUP : WireRole.FULL,
          createdAtNs: payload.createdAtNs,
        },
      } as const;
    case "relayedContactBundle":
      return {
        case: "relayedContactBundle",
        value: {
          channelId: channelIdToBytes(payload.channelId),
          envelope: payload.envelope,
        },
      } as const;
  }
}

/**
 * Reads the payload of an envelope. Its bytes come from the network: nothing in the result is to be believed before the
 * envelope's signature and the sender's membership are checked.
 *
 * @param bytes - at most 65,536
 * @throws {ProtocolError} `tooLarge`, `malformed`, `unknownContents`, and for every field that is missing or not of its
 * form
 */
export function parsePadlockMessagePayload(
  bytes: Uint8Array,
): ReadResult<PadlockMessagePayload> {
  const wire = decodeMessage(PadlockMessagePayloadSchema, bytes, "payload");
  const { contents, headerSignature } = wire;
  if (headerSignature !== undefined)
    throw new ProtocolError(
      "invalidField",
      "payload.headerSignature: stands in the envelope",
    );
  const unknownFields = unknownFieldsOf("payload", wire);
  const withUnknown = (value: PadlockMessagePayload, more: string[]) => ({
    value,
    unknownFields: [...unknownFields, ...more],
  });
  switch (contents.case) {
    case "messageHistoryBackupRequest": {
      const { value: request, unknownFields: more } =
        parseMessageHistoryBackupRequest(contents.value);
      return withUnknown({ kind: "request", request }, more);
    }
    case "messageHistoryBackupResponse": {
      const { value: response, unknownFields: more } = parseSealedResponse(
        contents.value,
      );
      return withUnknown({ kind: "response", response }, more);
    }
    case "messageHistoryBackupDecline":
      return withUnknown(
        {
          kind: "decline",
          requestId: parseRequestId(
            contents.value.requestId,
            "decline.requestId",
          ),
        },
        unknownFieldsOf("decline", contents.value),
      );
    case "installationContactBundle":
      return withUnknown(
        {
          kind: "contactBundle",
          contactRole: parseContactRole(contents.value.contactRole),
          createdAtNs: parseTimeNs(
            "contactBundle.createdAtNs",
            contents.value.createdAtNs,
          ),
        },
        unknownFieldsOf("contactBundle", contents.value),
      );
    case "relayedContactBundle":
      return withUnknown(
        parseRelayed(contents.value),
        unknownFieldsOf("relayedContactBundle", contents.value),
      );
    // Chat does not travel in a backup channel.
    case "directMessage":
    case undefined:
      throw new ProtocolError(
        "unknownContents",
        "payload.contents: of a kind that is not known here",
      );
  }
}

function parseRelayed({
  channelId,
  envelope,
}: RelayedContactBundle): PadlockMessagePayload {
  // What is in it is read by whoever wants to believe it: a relayed message in a relayed message is never looked at.
  if (envelope.length === 0)
    throw new ProtocolError(
      "missingField",
      "relayedContactBundle.envelope: missing",
    );
  return {
    kind: "relayedContactBundle",
    channelId: channelIdFromBytes(channelId, "relayedContactBundle.channelId"),
    envelope,
  };
}

function parseContactRole(role: WireRole): ContactRole {
  switch (role) {
    case WireRole.FULL:
      return "full";
    case WireRole.BACKUP:
      return "backup";
    default:
      throw new ProtocolError(
        "invalidField",
        "contactBundle.contactRole: neither FULL nor BACKUP",
      );
  }
}
