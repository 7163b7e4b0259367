import type { Download } from "@carryover/client";
import {
  type KnownVersions,
  parseFilePart,
  rangeHeaders,
} from "@carryover/xmtp-shared";
import type { FetchLimits } from "./fetch-limits.js";
import { sendRequest } from "./send-request.js";

/**
 * `GET` of a file, from a byte on where the service can, and only if it is still the same file.
 *
 * @throws {CarryoverError} `backupGone`, `storageRefused`, `storageUnavailable`, …
 */
export async function downloadFile(
  backupUrl: string,
  options: {
    fromByte: number;
    limits: FetchLimits;
    versions: KnownVersions;
    signal?: AbortSignal | undefined;
  },
): Promise<Download> {
  const { fromByte, limits, versions, signal } = options;
  const answer = await sendRequest(
    backupUrl,
    {
      method: "GET",
      headers: rangeHeaders(fromByte, versions.get(backupUrl)),
      signal,
    },
    limits,
  );
  // There is no such byte: what is here is not the beginning of what is there.
  if (answer.status === 416 && fromByte > 0) {
    answer.drop();
    return await downloadFile(backupUrl, { ...options, fromByte: 0 });
  }
  try {
    const part = parseFilePart(
      answer.status,
      {
        contentLength: answer.headers.get("content-length"),
        contentRange: answer.headers.get("content-range"),
      },
      fromByte,
    );
    versions.set(backupUrl, answer.headers.get("etag"));
    return { ...part, body: answer.stream() };
  } catch (error) {
    answer.drop();
    throw error;
  }
}
