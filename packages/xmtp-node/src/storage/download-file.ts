import { CarryoverError, type Download } from "@carryover/client";
import { streamBody } from "./answer-body.js";
import type { Connection } from "./connection.js";
import type { HttpAnswer } from "./http-exchange.js";
import { refused, statusError } from "./storage-errors.js";

/** Remembers which version of a file a download began with, for as long as this process runs. */
export interface KnownVersions {
  get(url: string): string | undefined;
  set(url: string, entityTag: string): void;
}

/** @param maxEntries - the oldest are forgotten beyond it */
export function createKnownVersions(maxEntries = 64): KnownVersions {
  const versions = new Map<string, string>();
  return {
    get: (url) => versions.get(url),
    set: (url, entityTag) => {
      versions.delete(url);
      versions.set(url, entityTag);
      for (const oldest of versions.keys()) {
        if (versions.size <= maxEntries) break;
        versions.delete(oldest);
      }
    },
  };
}

/**
 * `GET` of a file, from a byte on where the service can (RFC 9110, 14.2), and only if it is still the same file (13.1.5).
 *
 * @throws {CarryoverError} `backupGone`, `storageRefused`, `storageUnavailable`, …
 */
export async function downloadFile(
  connection: Connection,
  backupUrl: string,
  {
    fromByte,
    signal,
    versions,
  }: {
    fromByte: number;
    signal?: AbortSignal | undefined;
    versions: KnownVersions;
  },
): Promise<Download> {
  if (!Number.isSafeInteger(fromByte) || fromByte < 0)
    throw new CarryoverError(
      "invalidOption",
      "fromByte: must be a whole number of at least 0",
    );
  const version = versions.get(backupUrl);
  const answer = await connection.send(backupUrl, {
    method: "GET",
    headers:
      fromByte === 0
        ? {}
        : {
            range: `bytes=${fromByte}-`,
            ...(version !== undefined && { "if-range": version }),
          },
    signal,
  });
  // There is no such byte: what is here is not the beginning of what is there.
  if (answer.status === 416 && fromByte > 0) {
    answer.drop();
    return await downloadFile(connection, backupUrl, {
      fromByte: 0,
      signal,
      versions,
    });
  }
  try {
    const part = parsePart(answer, fromByte);
    const tag = answer.message.headers.etag;
    // A weak tag is the same for files of different bytes.
    if (tag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(tag))
      versions.set(backupUrl, tag);
    return { ...part, body: streamBody(answer, connection.limits) };
  } catch (error) {
    answer.drop();
    throw error;
  }
}

function parsePart(
  { status, message: { headers } }: HttpAnswer,
  fromByte: number,
): Omit<Download, "body"> {
  if (status === 404 || status === 410)
    throw new CarryoverError(
      "backupGone",
      `the storage service answers ${status}`,
    );
  if (status === 200) {
    const totalBytes = parseCount(headers["content-length"]);
    return { startByte: 0, ...(totalBytes !== undefined && { totalBytes }) };
  }
  if (status !== 206 || fromByte === 0) throw statusError(status);
  const range = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(
    headers["content-range"] ?? "",
  );
  if (range === null || Number(range[1]) !== fromByte)
    throw refused("the storage service sends another part than was asked for");
  const totalBytes = parseCount(range[3]);
  return {
    startByte: fromByte,
    ...(totalBytes !== undefined && { totalBytes }),
  };
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text)
    ? Number(text)
    : undefined;
}
