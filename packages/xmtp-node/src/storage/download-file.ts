import type { Download } from "@carryover/client";
import {
  type KnownVersions,
  parseFilePart,
  rangeHeaders,
} from "@carryover/xmtp-shared";
import { streamBody } from "./answer-body.js";
import type { Connection } from "./connection.js";

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
  const answer = await connection.send(backupUrl, {
    method: "GET",
    headers: rangeHeaders(fromByte, versions.get(backupUrl)),
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
    const { headers } = answer.message;
    const part = parseFilePart(
      answer.status,
      {
        contentLength: headers["content-length"],
        contentRange: headers["content-range"],
      },
      fromByte,
    );
    versions.set(backupUrl, headers.etag);
    return { ...part, body: streamBody(answer, connection.limits) };
  } catch (error) {
    answer.drop();
    throw error;
  }
}
