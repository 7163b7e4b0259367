import type { StoredBackup } from "@carryover/client";
import { readFoundUpload, readStoredBackup } from "@carryover/xmtp-shared";
import { asStorageAnswer, type Connection } from "./connection.js";
import { createEmptyMultipart, openMultipartBody } from "./multipart-body.js";

/** What every request to an upload URL takes. */
export interface UploadOptions {
  /** Makes the result known to nobody who has the URL alone. */
  idempotencyKey: string;
  signal?: AbortSignal | undefined;
}

/**
 * `POST /backups` with one file, as it comes.
 *
 * @throws {CarryoverError} what the stream throws, `uploadAuthorizationUsed`, `backupTooLarge`, `storageRefused`, …
 */
export async function uploadFile(
  connection: Connection,
  uploadUrl: string,
  file: ReadableStream<Uint8Array>,
  {
    idempotencyKey,
    signal,
    onProgress,
  }: UploadOptions & { onProgress: (sentBytes: number) => void },
): Promise<StoredBackup> {
  const body = await openMultipartBody(file, onProgress, signal);
  try {
    const send = (leave: "wait" | "goAhead") =>
      connection.send(uploadUrl, {
        method: "POST",
        headers: {
          "content-type": body.contentType,
          "idempotency-key": idempotencyKey,
        },
        body: body.source,
        leave,
        signal,
      });
    let answer = await send("wait");
    if (answer.status === 417 && !body.hasStarted()) {
      // It cannot say in advance whether it will take the body.
      answer.drop();
      answer = await send("goAhead");
    }
    return await readStoredBackup(
      asStorageAnswer(answer, connection.limits),
      uploadUrl,
    );
  } catch (error) {
    await body.cancel(error);
    throw error;
  }
}

/**
 * Posts a form without a file: a service that has one for this URL answers 409 and says where it is, and one that has
 * none refuses the form.
 */
export async function findUploadedFile(
  connection: Connection,
  uploadUrl: string,
  { idempotencyKey, signal }: UploadOptions,
): Promise<StoredBackup | undefined> {
  const { contentType, bytes } = createEmptyMultipart();
  const answer = await connection.send(uploadUrl, {
    method: "POST",
    headers: {
      "content-type": contentType,
      "idempotency-key": idempotencyKey,
    },
    body: bytes,
    signal,
  });
  return await readFoundUpload(
    asStorageAnswer(answer, connection.limits),
    uploadUrl,
  );
}
