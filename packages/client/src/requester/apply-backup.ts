import { requesterMachine, type RequestId } from "@carryover/protocol";
import type { BackupFileSource, ImportReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { importBackup, rememberBefore } from "../history/import-backup.js";
import { type VerifiedBackup, verifyBackup } from "../history/verify-backup.js";
import type { LongCallOptions } from "../progress.js";
import type { OutboundRecord } from "../state/engine-state.js";
import { carryOutOutboundEffects } from "./carry-out-effects.js";
import { downloadBackup } from "./download-backup.js";
import {
  type FoundOutbound,
  moveOutbound,
  requireOutbound,
} from "./outbound-records.js";

/**
 * XIP-31 `applyRemoteMessageHistoryBackup`: "Flow for Backup Requesters" 5c to 5f. Does what the table says for the
 * request's state until it is applied; called again after an interruption it goes on where it was.
 */
export async function applyBackup(
  context: EngineContext,
  requestId: string,
  options: LongCallOptions = {},
): Promise<ImportReport> {
  const { call, record } = requireOutbound(context.state.current(), requestId);
  await begin(context, { call, record });
  await finishApplying(context, record.requestId, options);
  const { report } = requireOutbound(context.state.current(), requestId).record;
  if (report === undefined)
    throw new CarryoverError("wrongState", "the request was not applied");
  return report;
}

async function finishApplying(
  context: EngineContext,
  requestId: RequestId,
  options: LongCallOptions,
): Promise<void> {
  let verified: VerifiedBackup | undefined;
  for (;;) {
    const { record } = requireOutbound(context.state.current(), requestId);
    const { activity } = requesterMachine.states[record.state];
    if (activity === undefined || activity === "sendRequest") break;
    try {
      options.signal?.throwIfAborted();
      if (activity === "downloadAndVerifyFile")
        verified = await downloadAndVerifyFile(context, record, options);
      else await importFile(context, record, options, verified);
    } catch (error) {
      await settle(context, requestId, error, options.signal);
    }
  }
  options.onProgress?.({ phase: "cleaningUp" });
  await carryOutOutboundEffects(context, requestId);
}

async function begin(
  context: EngineContext,
  { call, record }: FoundOutbound,
): Promise<void> {
  const { requestId, state } = record;
  if (state === "stored" || state === "awaitingResponse") {
    if (call.expiresAtNs > context.clock.nowNs())
      throw new CarryoverError(
        "responseNotFound",
        "there is no response to the request yet",
      );
    await expire(context, requestId);
  }
  if (state === "responseReceived") {
    const expiresAtNs = record.secrets?.response?.expirationTimeNs ?? 0n;
    if (expiresAtNs <= context.clock.nowNs()) await expire(context, requestId);
    await moveOutbound(context, requestId, "applyAsked");
  }
  if (state === "failed" && record.failure !== undefined)
    throw new CarryoverError(record.failure, "the request has failed before");
  if (state === "expired")
    throw new CarryoverError("requestExpired", "the request has expired");
  if (state === "declined")
    throw new CarryoverError("declined", "the request was declined");
}

async function expire(
  context: EngineContext,
  requestId: RequestId,
): Promise<never> {
  await moveOutbound(context, requestId, "expiryReached", {
    failure: "requestExpired",
  });
  await carryOutOutboundEffects(context, requestId);
  throw new CarryoverError("requestExpired", "the request has expired");
}

/** Downloads the file and reads it whole; nothing is written before. */
async function downloadAndVerifyFile(
  context: EngineContext,
  record: OutboundRecord,
  options: LongCallOptions,
): Promise<VerifiedBackup> {
  await downloadBackup(context, record, options);
  const verified = await verifyBackup(
    context,
    sourceOf(context, record),
    options,
  );
  if (verified.messageRecordCount !== record.offered?.messageCount)
    throw new CarryoverError(
      "backupFileInvalid",
      "the file holds another number of messages than announced",
    );
  const { call } = requireOutbound(context.state.current(), record.requestId);
  const before = await rememberBefore(context, verified, call.allowedWhenAsked);
  await moveOutbound(context, record.requestId, "fileVerified", {
    apply: (draft) => {
      draft.before = before;
    },
  });
  return verified;
}

async function importFile(
  context: EngineContext,
  record: OutboundRecord,
  options: LongCallOptions,
  verifiedBefore: VerifiedBackup | undefined,
): Promise<void> {
  const source = sourceOf(context, record);
  const verified =
    verifiedBefore ?? (await verifyBackup(context, source, options));
  const report = await importBackup(context, source, verified, {
    ...options,
    before: record.before ?? { consent: {}, alreadyThere: {} },
    suppliedBy: record.recipientInstallationId,
  });
  await moveOutbound(context, record.requestId, "importCompleted", {
    apply: (draft) => {
      draft.report = report;
      delete draft.before;
    },
  });
}

function sourceOf(
  { scratch }: EngineContext,
  { downloadName, secrets }: OutboundRecord,
): BackupFileSource {
  const response = secrets?.response;
  if (response === undefined)
    throw new CarryoverError("responseNotFound", "the response is gone");
  return {
    open: () => scratch.read(downloadName),
    secret: {
      kind: "ageIdentity",
      identity: response.encryptionParameters.identity,
    },
  };
}

/** Says in the table what the error means for the request, and always throws. */
async function settle(
  context: EngineContext,
  requestId: RequestId,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<never> {
  if (signal?.aborted === true) {
    await moveOutbound(context, requestId, "interrupted");
    throw new CarryoverError("aborted", "stopped on request", { cause: error });
  }
  if (!(error instanceof CarryoverError)) {
    await moveOutbound(context, requestId, "interrupted");
    throw error;
  }
  // An import that timed out needs a new process, and then goes on.
  const isFinal = !error.retryable && error.code !== "importTimedOut";
  await moveOutbound(
    context,
    requestId,
    isFinal ? "failedForGood" : "interrupted",
    { failure: error.code },
  );
  if (isFinal) await carryOutOutboundEffects(context, requestId);
  throw error;
}
