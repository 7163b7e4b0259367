import type { StoredBackup } from "@carryover/client";
import { readProblem, type StorageAnswer } from "./members.js";
import { parseProblemCode, parseStoredBackup } from "./service-answers.js";
import { refused, statusError } from "./storage-errors.js";

const isStored = ({ status }: StorageAnswer) =>
  status === 200 || status === 201;

/**
 * What a service answers to an upload.
 *
 * @throws {CarryoverError} `uploadAuthorizationUsed`, `backupTooLarge`, `storageRefused`, `storageUnavailable`
 */
export async function readStoredBackup(
  answer: StorageAnswer,
  uploadUrl: string,
): Promise<StoredBackup> {
  if (!isStored(answer))
    throw statusError(
      answer.status,
      parseProblemCode(await readProblem(answer)),
    );
  const stored = parseStoredBackup(await answer.readJson(), new URL(uploadUrl));
  if (stored === undefined)
    throw refused("the storage service does not say where the file is");
  return stored;
}

/**
 * What a service answers to a form without a file: one that has a file for this URL answers 409 and says where it is, and
 * one that has none refuses the form.
 *
 * @returns `undefined` when nothing was stored and the authorization is still good
 * @throws {CarryoverError} `uploadAuthorizationUsed`, `storageRefused`, `storageUnavailable`
 */
export async function readFoundUpload(
  answer: StorageAnswer,
  uploadUrl: string,
): Promise<StoredBackup | undefined> {
  const members = await readProblem(answer);
  // A plain XIP-31 service takes any form, as often as it gets one: nothing is used up.
  if (answer.status === 400 || isStored(answer)) return undefined;
  if (answer.status === 409) {
    const stored = parseStoredBackup(members, new URL(uploadUrl));
    if (stored !== undefined) return stored;
  }
  throw statusError(answer.status, parseProblemCode(members));
}
