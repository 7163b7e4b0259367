import type { CarryoverError, StoredBackup } from "@carryover/client";
import { readJson } from "./answer-body.js";
import { type Connection, readProblem } from "./connection.js";
import type { HttpAnswer } from "./http-exchange.js";
import { createEmptyMultipart, openMultipartBody } from "./multipart-body.js";
import { parseProblemCode, parseStoredBackup } from "./service-answers.js";
import { refused, statusError } from "./storage-errors.js";

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
    if (!isStored(answer)) throw await problemOf(answer, connection);
    const stored = parseStoredBackup(
      await readJson(answer, connection.limits),
      new URL(uploadUrl),
    );
    if (stored === undefined)
      throw refused("the storage service does not say where the file is");
    return stored;
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
  const members = await readProblem(answer, connection.limits);
  // A plain XIP-31 service takes any form, as often as it gets one: nothing is used up.
  if (answer.status === 400 || isStored(answer)) return undefined;
  if (answer.status === 409) {
    const stored = parseStoredBackup(members, new URL(uploadUrl));
    if (stored !== undefined) return stored;
  }
  throw statusError(answer.status, parseProblemCode(members));
}

const isStored = ({ status }: HttpAnswer) => status === 200 || status === 201;

async function problemOf(
  answer: HttpAnswer,
  { limits }: Connection,
): Promise<CarryoverError> {
  const code = parseProblemCode(await readProblem(answer, limits));
  return statusError(answer.status, code);
}
