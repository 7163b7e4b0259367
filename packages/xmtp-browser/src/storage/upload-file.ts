import type { RandomBytes, StoredBackup } from "@carryover/client";
import {
  createMultipartFrame,
  readFoundUpload,
  readStoredBackup,
  statusError,
} from "@carryover/xmtp-shared";
import { toHex } from "../hex.js";
import type { PartFiles } from "../private-files/part-files.js";
import type { FetchLimits } from "./fetch-limits.js";
import { prepareUpload } from "./prepare-upload.js";
import { sendRequest } from "./send-request.js";

/** What every request to an upload URL takes. */
export interface UploadOptions {
  /** Makes the result known to nobody who has the URL alone. */
  idempotencyKey: string;
  limits: FetchLimits;
  randomBytes: RandomBytes;
  signal?: AbortSignal | undefined;
}

/**
 * `POST /backups` with one file. The service is not asked before: it would have to say no to a form without a file, and the
 * browser shows every no in its console, with the URL.
 *
 * @throws {CarryoverError} what the stream throws, `uploadAuthorizationUsed`, `backupTooLarge`, `storageRefused`, …
 */
export async function uploadFile(
  uploadUrl: string,
  source: ReadableStream<Uint8Array>,
  options: UploadOptions & {
    files: PartFiles;
    maxBytes: number;
    onProgress: (bytes: number) => void;
  },
): Promise<StoredBackup> {
  const { files, maxBytes, onProgress, signal, randomBytes } = options;
  const prepared = await prepareUpload(source, {
    files,
    name: toHex(randomBytes(16)),
    maxBytes,
    onProgress,
    signal,
  });
  try {
    const { contentType, head, tail } = createFrame(randomBytes);
    const answer = await sendRequest(
      uploadUrl,
      {
        method: "POST",
        headers: {
          "content-type": contentType,
          "idempotency-key": options.idempotencyKey,
        },
        // A body of parts of files is read from the disk as it is sent.
        body: new Blob([head, prepared.file, tail]),
        signal,
      },
      options.limits,
    );
    // When a connection breaks the browser may send a file again by itself: then the service has it already, and says so to
    // whoever has our key alone.
    if (answer.status === 409) {
      const own = await readFoundUpload(answer, uploadUrl);
      if (own?.sizeBytes === prepared.file.size) return own;
      throw statusError(409);
    }
    return await readStoredBackup(answer, uploadUrl);
  } finally {
    await prepared.dispose();
  }
}

/**
 * Posts a form without a file. Where nothing was stored the answer is a no, which the browser shows in its console with the
 * URL: for lost answers alone.
 */
export async function findUploadedFile(
  uploadUrl: string,
  { idempotencyKey, limits, randomBytes, signal }: UploadOptions,
): Promise<StoredBackup | undefined> {
  const { contentType, empty } = createFrame(randomBytes);
  const answer = await sendRequest(
    uploadUrl,
    {
      method: "POST",
      headers: {
        "content-type": contentType,
        "idempotency-key": idempotencyKey,
      },
      body: empty,
      signal,
    },
    limits,
  );
  return await readFoundUpload(answer, uploadUrl);
}

const createFrame = (randomBytes: RandomBytes) =>
  createMultipartFrame(`carryover-${toHex(randomBytes(18))}`);
