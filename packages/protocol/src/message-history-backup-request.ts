import { create } from "@bufbuild/protobuf";
import {
  type BackupScope,
  encodeBackupScope,
  parseBackupScope,
} from "./backup-scope.js";
import { ProtocolError } from "./errors.js";
import {
  type MessageHistoryBackupRequest as Wire,
  MessageHistoryBackupRequestSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import {
  type InstallationId,
  installationIdFromBytes,
  installationIdToBytes,
  parseRequestId,
  type RequestId,
} from "./ids.js";
import { pinFromNumber, pinToNumber, type VerificationPin } from "./pin.js";
import {
  parseTimeNs,
  type ReadResult,
  required,
  unknownFieldsOf,
} from "./read-result.js";
import { parseStorageUrl } from "./url.js";

/** XIP-31 `MessageHistoryBackupRequest`, checked: one installation asks one other for the history. */
export interface MessageHistoryBackupRequest {
  requestId: RequestId;
  verificationPin: VerificationPin;
  /** XIP-31 `upload_url`; carries a one-time authorization, so it is a secret. */
  uploadUrl: string;
  recipientInstallationId: InstallationId;
  /** age recipient (`age1…` or `age1pq1…`) made for this request alone. */
  responseRecipient: string;
  createdAtNs: bigint;
  expiresAtNs: bigint;
  /** What the asking app calls itself, 1 to 64 visible characters. Shown to a person, never trusted. */
  appName: string;
  scope: BackupScope;
  /** Versions of the Message Backup File that the requester reads; at least one. */
  backupFileVersions: number[];
}

const maxAppNameChars = 64;
/** A hybrid recipient has about 2,000 characters. */
const maxRecipientChars = 4_096;

/** The wire form of a request. */
export function encodeMessageHistoryBackupRequest(
  request: MessageHistoryBackupRequest,
): Wire {
  return create(MessageHistoryBackupRequestSchema, {
    requestId: request.requestId,
    verificationPin: pinToNumber(request.verificationPin),
    uploadUrl: request.uploadUrl,
    recipientInstallationId: installationIdToBytes(
      request.recipientInstallationId,
    ),
    responseRecipient: request.responseRecipient,
    createdAtNs: request.createdAtNs,
    expiresAtNs: request.expiresAtNs,
    appName: request.appName,
    scope: encodeBackupScope(request.scope),
    backupFileVersions: request.backupFileVersions,
  });
}

/** @throws {ProtocolError} for every field that is missing or not of its form */
export function parseMessageHistoryBackupRequest(
  wire: Wire,
): ReadResult<MessageHistoryBackupRequest> {
  const {
    requestId,
    verificationPin,
    uploadUrl,
    recipientInstallationId,
    responseRecipient,
  } = wire;
  const { createdAtNs, expiresAtNs, appName, scope, backupFileVersions } = wire;
  const value: MessageHistoryBackupRequest = {
    requestId: parseRequestId(requestId, "request.requestId"),
    verificationPin: pinFromNumber(verificationPin, "request.verificationPin"),
    uploadUrl: parseStorageUrl(uploadUrl, "request.uploadUrl"),
    recipientInstallationId: installationIdFromBytes(
      recipientInstallationId,
      "request.recipientInstallationId",
    ),
    responseRecipient: parseResponseRecipient(responseRecipient),
    createdAtNs: parseTimeNs("request.createdAtNs", createdAtNs),
    expiresAtNs: parseTimeNs("request.expiresAtNs", expiresAtNs),
    appName: parseAppName(appName),
    scope: parseBackupScope(required("request.scope", scope), "request.scope"),
    backupFileVersions: parseVersions(backupFileVersions),
  };
  if (expiresAtNs <= createdAtNs)
    throw new ProtocolError(
      "invalidField",
      "request.expiresAtNs: not after createdAtNs",
    );
  return {
    value,
    unknownFields: [
      ...unknownFieldsOf("request", wire),
      ...unknownFieldsOf("request.scope", scope),
    ],
  };
}

function parseResponseRecipient(value: string): string {
  if (
    value.length > maxRecipientChars ||
    !/^age1[02-9ac-hj-np-z]+$/.test(value)
  )
    throw new ProtocolError(
      "invalidField",
      "request.responseRecipient: not an age recipient",
    );
  return value;
}

/**
 * Control, format (bidirectional overrides, zero-width) and unassigned characters could make the name look like
 * something else in a consent prompt.
 *
 * @throws {ProtocolError} `invalidField`
 */
export function parseAppName(value: string): string {
  const chars = [...value].length;
  if (chars < 1 || chars > maxAppNameChars)
    throw new ProtocolError(
      "invalidField",
      `request.appName: expected 1 to ${maxAppNameChars} characters, got ${chars}`,
    );
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value) || value.trim() !== value)
    throw new ProtocolError(
      "invalidField",
      "request.appName: holds invisible characters",
    );
  return value;
}

function parseVersions(values: number[]): number[] {
  if (values.length < 1 || values.length > 16)
    throw new ProtocolError(
      "invalidField",
      `request.backupFileVersions: expected 1 to 16, got ${values.length}`,
    );
  return values;
}
