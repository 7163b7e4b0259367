import type {
  BackupDeletion,
  StoredBackup,
  UploadAuthorization,
} from "@carryover/client";
import type { Members } from "./members.js";
import { refused } from "./storage-errors.js";

/**
 * What `POST /authorizations` answers. Only `uploadUrl` has to be there.
 *
 * @param askedUrl - where it was asked
 * @throws {CarryoverError} `storageRefused`
 */
export function parseAuthorization(
  members: Members,
  askedUrl: URL,
): UploadAuthorization {
  const uploadUrl = parseUrl(members, "uploadUrl", askedUrl);
  if (uploadUrl === undefined)
    throw refused("the storage service gives no place to upload to");
  const deletion = parseDeletion(members, askedUrl);
  return { uploadUrl: uploadUrl.href, ...(deletion && { deletion }) };
}

/** The receipt key goes back to the service that gave it, and nowhere else. */
function parseDeletion(
  members: Members,
  askedUrl: URL,
): BackupDeletion | undefined {
  const url = parseUrl(members, "deleteUrl", askedUrl);
  const receiptKey = members["receiptKey"];
  if (url?.origin !== askedUrl.origin || typeof receiptKey !== "string")
    return undefined;
  return /^[\x21-\x7e]{1,512}$/.test(receiptKey)
    ? { url: url.href, receiptKey }
    : undefined;
}

/**
 * What an upload answers: XIP-31's `downloadUrl`, and what more the service tells.
 *
 * @param uploadUrl - where it was uploaded
 * @returns `undefined` when there is no `downloadUrl`
 * @throws {CarryoverError} `storageRefused` for one of another origin, which the requester would refuse
 */
export function parseStoredBackup(
  members: Members,
  uploadUrl: URL,
): StoredBackup | undefined {
  const url = parseUrl(members, "downloadUrl", uploadUrl);
  if (url === undefined) return undefined;
  if (url.origin !== uploadUrl.origin)
    throw refused("the storage service keeps the file at another origin");
  const { size, sha256, expiresAt } = members;
  const expiresAtMs =
    typeof expiresAt === "string" ? Date.parse(expiresAt) : Number.NaN;
  return {
    downloadUrl: url.href,
    ...(Number.isSafeInteger(size) &&
      (size as number) >= 0 && { sizeBytes: size as number }),
    ...(typeof sha256 === "string" &&
      /^[0-9a-f]{64}$/i.test(sha256) && { sha256Hex: sha256.toLowerCase() }),
    ...(Number.isSafeInteger(expiresAtMs) &&
      expiresAtMs > 0 && { expiresAtNs: BigInt(expiresAtMs) * 1_000_000n }),
  };
}

/**
 * The service's own word for a problem (the `code` member of its problem document), for the message of an error.
 *
 * @returns `undefined` for anything that could be more than a word
 */
export function parseProblemCode({ code }: Members): string | undefined {
  return typeof code === "string" && /^[a-z][a-z-]{0,40}$/.test(code)
    ? code
    : undefined;
}

function parseUrl(members: Members, name: string, base: URL): URL | undefined {
  const value = members[name];
  if (typeof value !== "string" || value.length > 2_048) return undefined;
  if (!URL.canParse(value, base.href)) return undefined;
  const url = new URL(value, base);
  return url.protocol === "https:" || url.protocol === "http:"
    ? url
    : undefined;
}
