import { CarryoverError, type Download } from "@carryover/client";
import { refused, statusError } from "./storage-errors.js";

/** Remembers which version of a file a download began with, for as long as this program runs. */
export interface KnownVersions {
  get(url: string): string | undefined;
  /** @param tag - an `ETag` header; one that does not name exact bytes is passed over */
  set(url: string, tag: string | null | undefined): void;
}

/** @param maxEntries - the oldest are forgotten beyond it */
export function createKnownVersions(maxEntries = 64): KnownVersions {
  const versions = new Map<string, string>();
  return {
    get: (url) => versions.get(url),
    set: (url, tag) => {
      // A weak tag is the same for files of different bytes.
      if (!/^"[\x21\x23-\x7e]{1,200}"$/.test(tag ?? "")) return;
      versions.delete(url);
      versions.set(url, tag ?? "");
      for (const oldest of versions.keys()) {
        if (versions.size <= maxEntries) break;
        versions.delete(oldest);
      }
    },
  };
}

/**
 * The headers that ask for a file from a byte on (RFC 9110, 14.2), and only if it is still the same file (13.1.5).
 *
 * @throws {CarryoverError} `invalidOption`
 */
export function rangeHeaders(
  fromByte: number,
  version: string | undefined,
): Record<string, string> {
  if (!Number.isSafeInteger(fromByte) || fromByte < 0)
    throw new CarryoverError(
      "invalidOption",
      "fromByte: must be a whole number of at least 0",
    );
  if (fromByte === 0) return {};
  return {
    range: `bytes=${fromByte}-`,
    ...(version !== undefined && { "if-range": version }),
  };
}

/** The headers of an answer that count here. */
export interface PartHeaders {
  contentLength: string | null | undefined;
  contentRange: string | null | undefined;
}

/**
 * What part of a file an answer holds.
 *
 * @throws {CarryoverError} `backupGone`, `storageRefused`, `storageUnavailable`, …
 */
export function parseFilePart(
  status: number,
  { contentLength, contentRange }: PartHeaders,
  fromByte: number,
): Omit<Download, "body"> {
  if (status === 404 || status === 410)
    throw new CarryoverError(
      "backupGone",
      `the storage service answers ${status}`,
    );
  if (status === 200) return { startByte: 0, ...total(contentLength) };
  if (status !== 206 || fromByte === 0) throw statusError(status);
  const range = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(
    contentRange ?? "",
  );
  if (range === null || Number(range[1]) !== fromByte)
    throw refused("the storage service sends another part than was asked for");
  return { startByte: fromByte, ...total(range[3]) };
}

function total(text: string | null | undefined): { totalBytes?: number } {
  return /^\d{1,15}$/.test(text ?? "") ? { totalBytes: Number(text) } : {};
}
