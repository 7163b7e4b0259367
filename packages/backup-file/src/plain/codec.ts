import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { BackupFileError, type BackupFileErrorCode } from "../errors.js";
import {
  HeaderSchema,
  ManifestSchema,
  type Header,
  type Manifest,
} from "../gen/carryover/backup_file/v1/message_backup_pb.js";
import type { ConversationType } from "../element/view.js";
import type {
  MessageBackupHeader,
  MessageBackupHeaderInput,
  MessageBackupManifest,
} from "./types.js";

/** The name of the format, and the first bytes of every plain form. */
export const FORMAT_NAME = "carryover/message-backup";
/** The version that this package writes, and the only one it reads. */
export const FORMAT_VERSION = 1;
const CODEC = "gzip";
const SCHEMA = "xmtp.device_sync.BackupElement";
/** More reasons or unknown kinds than this are no honest manifest. */
const MAX_SMALL_LIST = 1000;

/** The header's message, serialized. */
export const encodeHeader = (input: MessageBackupHeaderInput): Uint8Array =>
  toBinary(
    HeaderSchema,
    create(HeaderSchema, {
      format: FORMAT_NAME,
      version: FORMAT_VERSION,
      codec: CODEC,
      schema: SCHEMA,
      xmtpArchiveVersion: input.xmtpArchiveVersion ?? 0,
      producer: { ...input.producer },
      createdAtNs: input.createdAtNs,
      inboxId: input.inboxId,
      ...(input.installationId === undefined
        ? {}
        : { installationId: input.installationId }),
      scope: {
        ...(input.scope.startNs === undefined
          ? {}
          : { startNs: input.scope.startNs }),
        ...(input.scope.endNs === undefined
          ? {}
          : { endNs: input.scope.endNs }),
        elements: [...input.scope.elements],
        excludeDisappearingMessages:
          input.scope.disappearingMessages === "excluded",
      },
    }),
  );

/**
 * Reads the header's message.
 *
 * @throws BackupFileError `headerInvalid`, `versionUnsupported`, `codecUnsupported`, `schemaUnsupported`
 */
export const parseHeader = (bytes: Uint8Array): MessageBackupHeader => {
  let header: Header;
  try {
    header = fromBinary(HeaderSchema, bytes);
  } catch (cause) {
    throw new BackupFileError("headerInvalid", "header is malformed", cause);
  }
  const refuse = (code: BackupFileErrorCode, message: string): never => {
    throw new BackupFileError(code, message);
  };
  if (header.format !== FORMAT_NAME)
    refuse("headerInvalid", "header.format: this is no message backup");
  if (header.version !== FORMAT_VERSION)
    refuse(
      "versionUnsupported",
      `header.version: expected ${FORMAT_VERSION}, got ${header.version}`,
    );
  if (header.codec !== CODEC)
    refuse("codecUnsupported", "header.codec: expected gzip");
  if (header.schema !== SCHEMA)
    refuse("schemaUnsupported", `header.schema: expected ${SCHEMA}`);
  if (header.inboxId === "")
    refuse("headerInvalid", "header.inbox_id: it is missing");
  return {
    version: header.version,
    codec: CODEC,
    schema: SCHEMA,
    xmtpArchiveVersion: header.xmtpArchiveVersion,
    producer: {
      name: header.producer?.name ?? "",
      version: header.producer?.version ?? "",
      xmtpVersion: header.producer?.xmtpVersion ?? "",
    },
    createdAtNs: header.createdAtNs,
    inboxId: header.inboxId,
    installationId: header.installationId,
    scope: {
      startNs: header.scope?.startNs,
      endNs: header.scope?.endNs,
      elements: header.scope?.elements ?? [],
      disappearingMessages:
        header.scope?.excludeDisappearingMessages === true
          ? "excluded"
          : "included",
    },
  };
};

/** The manifest's message, serialized. */
export const encodeManifest = (manifest: MessageBackupManifest): Uint8Array =>
  toBinary(
    ManifestSchema,
    create(ManifestSchema, {
      sha256: manifest.sha256,
      elementCount: BigInt(manifest.elementCount),
      groupCount: BigInt(manifest.groupCount),
      messageCount: BigInt(manifest.messageCount),
      consentCount: BigInt(manifest.consentCount),
      elementBytes: BigInt(manifest.elementBytes),
      conversations: manifest.conversations.map((conversation) => ({
        conversationId: hexToBytes(conversation.conversationId),
        conversationType: conversation.conversationType,
        messageCount: BigInt(conversation.messageCount),
        ...(conversation.firstSentAtNs === undefined
          ? {}
          : { firstSentAtNs: conversation.firstSentAtNs }),
        ...(conversation.lastSentAtNs === undefined
          ? {}
          : { lastSentAtNs: conversation.lastSentAtNs }),
      })),
      unknownKinds: manifest.unknownKinds.map((kind) => ({
        fieldNumber: kind.fieldNumber,
        count: BigInt(kind.count),
      })),
      leftOut: manifest.leftOut.map((entry) => ({
        reason: entry.reason,
        conversationCount: BigInt(entry.conversationCount),
        messageCount: BigInt(entry.messageCount),
        otherCount: BigInt(entry.otherCount),
      })),
    }),
  );

const conversationType = (word: string): ConversationType =>
  word === "group" || word === "dm" || word === "sync" ? word : "unknown";

/** A count that programs can add up exactly. */
const count = (path: string, value: bigint): number => {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new BackupFileError(
      "manifestInvalid",
      `manifest.${path}: ${value} is out of range`,
    );
  return Number(value);
};

/**
 * Reads the manifest's message.
 *
 * @throws BackupFileError `manifestInvalid`, `limitExceeded`
 */
export const parseManifest = (
  bytes: Uint8Array,
  maxConversations: number,
): MessageBackupManifest => {
  let manifest: Manifest;
  try {
    manifest = fromBinary(ManifestSchema, bytes);
  } catch (cause) {
    throw new BackupFileError(
      "manifestInvalid",
      "manifest is malformed",
      cause,
    );
  }
  if (manifest.sha256.length !== 32)
    throw new BackupFileError(
      "manifestInvalid",
      `manifest.sha256: expected 32 bytes, got ${manifest.sha256.length}`,
    );
  if (manifest.conversations.length > maxConversations)
    throw new BackupFileError(
      "limitExceeded",
      `manifest.conversations: more than ${maxConversations}`,
    );
  if (
    manifest.leftOut.length > MAX_SMALL_LIST ||
    manifest.unknownKinds.length > MAX_SMALL_LIST
  )
    throw new BackupFileError(
      "manifestInvalid",
      `manifest: a list has more than ${MAX_SMALL_LIST} entries`,
    );
  return {
    sha256: manifest.sha256,
    elementCount: count("element_count", manifest.elementCount),
    groupCount: count("group_count", manifest.groupCount),
    messageCount: count("message_count", manifest.messageCount),
    consentCount: count("consent_count", manifest.consentCount),
    elementBytes: count("element_bytes", manifest.elementBytes),
    conversations: manifest.conversations.map((entry) => ({
      conversationId: bytesToHex(entry.conversationId),
      conversationType: conversationType(entry.conversationType),
      messageCount: count("conversations.message_count", entry.messageCount),
      firstSentAtNs: entry.firstSentAtNs,
      lastSentAtNs: entry.lastSentAtNs,
    })),
    unknownKinds: manifest.unknownKinds.map((entry) => ({
      fieldNumber: entry.fieldNumber,
      count: count("unknown_kinds.count", entry.count),
    })),
    leftOut: manifest.leftOut.map((entry) => ({
      reason: entry.reason,
      conversationCount: count(
        "left_out.conversation_count",
        entry.conversationCount,
      ),
      messageCount: count("left_out.message_count", entry.messageCount),
      otherCount: count("left_out.other_count", entry.otherCount),
    })),
  };
};
