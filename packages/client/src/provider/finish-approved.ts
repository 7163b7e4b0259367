import {
  type ProviderActivity,
  providerMachine,
  type RequestId,
} from "@carryover/protocol";
import type { ResponseReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError, type CarryoverErrorCode } from "../errors.js";
import type { LongCallOptions } from "../progress.js";
import type { InboundRecord } from "../state/engine-state.js";
import { carryOutInboundEffects } from "./carry-out-effects.js";
import { whyRefuse } from "./confirm-sender.js";
import { findInbound, moveInbound } from "./inbound-records.js";
import { sendResponse } from "./send-response.js";
import { uploadBackup } from "./upload-backup.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 4 to 8: does what the table says for the state that an approved request is
 * in, until it is answered. Called again after an interruption it goes on where it was.
 *
 * @throws {CarryoverError} retryable ones leave the request as it is; the others have closed it
 */
export async function finishApproved(
  context: EngineContext,
  requestId: RequestId,
  options: LongCallOptions = {},
): Promise<ResponseReport> {
  let report: ResponseReport | undefined;
  let isConfirmed = false;
  for (;;) {
    const record = findInbound(context.state.current(), requestId);
    const activity = record && providerMachine.states[record.state].activity;
    if (record === undefined || activity === undefined) break;
    if (record.state === "uploaded") report = reportOf(record);
    try {
      options.signal?.throwIfAborted();
      await endIfExpired(context, record);
      // An upload that an interruption left may be taken up days later, with another policy and another inbox.
      if (activity === "uploadBackup" && !isConfirmed)
        await refuseIfNeeded(context, record);
      await activities[activity](context, record, options);
      isConfirmed = activity === "confirmSender";
    } catch (error) {
      await settle(context, requestId, error, options.signal);
    }
  }
  await carryOutInboundEffects(context, requestId);
  if (report === undefined)
    throw new CarryoverError("wrongState", "the request is not approved");
  return report;
}

const activities: Record<
  ProviderActivity,
  (
    context: EngineContext,
    record: InboundRecord,
    options: LongCallOptions,
  ) => Promise<void>
> = {
  confirmSender: async (context, record, { onProgress }) => {
    onProgress?.({ phase: "checkingRequester" });
    await refuseIfNeeded(context, record);
    await moveInbound(context, record.requestId, "senderConfirmed");
  },
  uploadBackup,
  confirmSenderAndRespond: async (context, record, { onProgress }) => {
    onProgress?.({ phase: "responding" });
    await refuseIfNeeded(context, record);
    await sendResponse(context, record);
    await moveInbound(context, record.requestId, "responseSent");
  },
};

/** Carries the code of a broken rule to where the request is closed. */
class Refusal extends CarryoverError {}

async function refuseIfNeeded(
  context: EngineContext,
  record: InboundRecord,
): Promise<void> {
  const code = await whyRefuse(context, record);
  if (code !== undefined)
    throw new Refusal(code, "a rule that was met before is broken now");
}

async function endIfExpired(
  context: EngineContext,
  record: InboundRecord,
): Promise<void> {
  if (record.expiresAtNs > context.clock.nowNs()) return;
  await moveInbound(context, record.requestId, "expiryReached");
  await carryOutInboundEffects(context, record.requestId);
  throw new CarryoverError(
    "requestExpired",
    "the request expired before it was answered",
  );
}

/** Closes the request where the error is final, and always throws. */
async function settle(
  context: EngineContext,
  requestId: RequestId,
  error: unknown,
  signal?: AbortSignal,
): Promise<never> {
  if (signal?.aborted === true)
    throw new CarryoverError("aborted", "stopped on request", { cause: error });
  if (!(error instanceof CarryoverError)) throw error;
  if (
    !error.retryable &&
    findInbound(context.state.current(), requestId) !== undefined
  ) {
    const event = error instanceof Refusal ? "senderRefused" : "failedForGood";
    const failure: CarryoverErrorCode = error.code;
    await moveInbound(context, requestId, event, { failure });
    await carryOutInboundEffects(context, requestId);
  }
  throw error;
}

function reportOf({ secrets, notMadeLive }: InboundRecord): ResponseReport {
  const file = secrets?.sentFile;
  if (file === undefined)
    throw new CarryoverError(
      "wrongState",
      "no file was stored for the request",
    );
  const { conversationCount, messageCount, sizeBytes, leftOut } = file;
  return {
    outcome: "responded",
    conversationCount,
    messageCount,
    sizeBytes,
    leftOut,
    notMadeLive,
  };
}
