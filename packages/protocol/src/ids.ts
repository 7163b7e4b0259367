import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { ProtocolError } from "./errors.js";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An XMTP inbox id: 64 lower-case hex digits. */
export type InboxId = Branded<"InboxId">;
/** An XMTP installation id: the installation's Ed25519 public key, 64 lower-case hex digits. */
export type InstallationId = Branded<"InstallationId">;
/** The MLS group id of a backup channel: 32 to 128 lower-case hex digits. */
export type ChannelId = Branded<"ChannelId">;
/** Identifies one request (XIP-31 `request_id`): 16 to 64 characters of `A-Z a-z 0-9 _ -`. */
export type RequestId = Branded<"RequestId">;

function matching(path: string, pattern: RegExp, value: string): string {
  if (!pattern.test(value))
    throw new ProtocolError(
      "invalidField",
      `${path}: not of the form ${pattern.source}`,
    );
  return value;
}

/** @throws {ProtocolError} `invalidField` */
export function parseInboxId(value: string, path = "inboxId"): InboxId {
  return matching(path, /^[0-9a-f]{64}$/, value) as InboxId;
}

/** @throws {ProtocolError} `invalidField` */
export function parseInstallationId(
  value: string,
  path = "installationId",
): InstallationId {
  return matching(path, /^[0-9a-f]{64}$/, value) as InstallationId;
}

/** @throws {ProtocolError} `invalidField` */
export function parseChannelId(value: string, path = "channelId"): ChannelId {
  return matching(path, /^(?:[0-9a-f]{2}){16,64}$/, value) as ChannelId;
}

/** @throws {ProtocolError} `invalidField` */
export function parseRequestId(value: string, path = "requestId"): RequestId {
  return matching(path, /^[A-Za-z0-9_-]{16,64}$/, value) as RequestId;
}

/**
 * Makes a request id of 128 random bits.
 *
 * @param randomBytes - a cryptographic source of random bytes
 */
export function createRequestId(
  randomBytes: (length: number) => Uint8Array,
): RequestId {
  return bytesToHex(randomBytes(16)) as RequestId;
}

/** The 32 bytes of an installation's Ed25519 public key. */
export function installationIdToBytes(id: InstallationId): Uint8Array {
  return hexToBytes(id);
}

/** @throws {ProtocolError} `invalidField` when not 32 bytes */
export function installationIdFromBytes(
  bytes: Uint8Array,
  path = "installationId",
): InstallationId {
  if (bytes.length !== 32)
    throw new ProtocolError(
      "invalidField",
      `${path}: expected 32 bytes, got ${bytes.length}`,
    );
  return bytesToHex(bytes) as InstallationId;
}

/** The bytes of an MLS group id. */
export function channelIdToBytes(id: ChannelId): Uint8Array {
  return hexToBytes(id);
}

/** @throws {ProtocolError} `invalidField` when not 16 to 64 bytes */
export function channelIdFromBytes(
  bytes: Uint8Array,
  path = "channelId",
): ChannelId {
  return parseChannelId(bytesToHex(bytes), path);
}
