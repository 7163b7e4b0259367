import { create } from "@bufbuild/protobuf";
import { isAgeRecipient } from "./age-keys.js";
import { parseAppName } from "./app-name.js";
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
import { parseCanonicalStorageUrl, parseStorageUrl } from "./url.js";

/** XIP-31 `MessageHistoryBackupRequest`, checked: one installation asks one other for the history. */
export interface MessageHistoryBackupRequest {
  requestId: RequestId;
  verificationPin: VerificationPin;
  /** XIP-31 `upload_url`; carries a one-time authorization, so it is a secret. */
  uploadUrl: string;
  recipientInstallationId: InstallationId;
  /** age recipient (`age1…` or `age1pq1…`) made for this request alone. */
  responseRecipient: string;
  /** Nanoseconds since 1970 by the requester's clock. */
  createdAtNs: bigint;
  /** Later than `createdAtNs`. */
  expiresAtNs: bigint;
  /** What the asking app calls itself, as {@link parseAppName} lets pass. Shown to a person, never trusted. */
  appName: string;
  scope: BackupScope;
  /** Versions of the Message Backup File that the requester reads: 1 to 16 positive numbers. */
  backupFileVersions: number[];
}

const maxVersions = 16;

/**
 * The wire form of a request. The upload URL is brought into its canonical form.
 *
 * @throws {ProtocolError} `invalidField`
 */
export function encodeMessageHistoryBackupRequest(
  request: MessageHistoryBackupRequest,
): Wire {
  return create(MessageHistoryBackupRequestSchema, {
    requestId: request.requestId,
    verificationPin: pinToNumber(request.verificationPin),
    uploadUrl: parseStorageUrl(request.uploadUrl, "request.uploadUrl"),
    recipientInstallationId: installationIdToBytes(
      request.recipientInstallationId,
    ),
    responseRecipient: request.responseRecipient,
    createdAtNs: request.createdAtNs,
    expiresAtNs: request.expiresAtNs,
    // Before encoding, which would quietly replace a lone surrogate.
    appName: parseAppName(request.appName),
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
    verificationPin: pinFromNumber(
      required("request.verificationPin", verificationPin),
      "request.verificationPin",
    ),
    uploadUrl: parseCanonicalStorageUrl(uploadUrl, "request.uploadUrl"),
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
  if (!isAgeRecipient(value))
    throw new ProtocolError(
      "invalidField",
      "request.responseRecipient: not an age recipient",
    );
  return value;
}

function parseVersions(values: number[]): number[] {
  if (values.length < 1 || values.length > maxVersions)
    throw new ProtocolError(
      "invalidField",
      `request.backupFileVersions: expected 1 to ${maxVersions}, got ${values.length}`,
    );
  if (values.includes(0))
    throw new ProtocolError(
      "invalidField",
      "request.backupFileVersions: 0 is no version",
    );
  return values;
}
