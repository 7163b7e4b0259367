import {
  isTerminal,
  parseTypedPin,
  providerMachine,
  type RequestId,
} from "@carryover/protocol";
import type { RespondOptions, ResponseReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { LongCallOptions } from "../progress.js";
import type { InboundRecord } from "../state/engine-state.js";
import { carryOutInboundEffects } from "./carry-out-effects.js";
import {
  assertNoPinConflict,
  maxWrongPinTries,
  moveInbound,
  requireInbound,
} from "./inbound-records.js";

/**
 * XIP-31 `respondToBackupRequest`.
 */
export async function respondToRequest(
  context: EngineContext,
  requestId: string,
  decision: "approve" | "decline",
  options: RespondOptions,
  { catchUp, finish, stop }: RespondActivities,
): Promise<ResponseReport> {
  const record = requireInbound(context.state.current(), requestId);
  if (decision === "decline") return await decline(context, record, stop);
  await approve(context, record, options, catchUp);
  return await finish(record.requestId, options);
}

/** What an answer needs of the engine. */
export interface RespondActivities {
  /**
   * Reads every message that has arrived.
   *
   * @throws {CarryoverError} `networkUnavailable` when one of them could not be checked
   */
  catchUp: () => Promise<void>;
  /** Carries an approved request out, at most once at a time. */
  finish: (
    requestId: RequestId,
    options: LongCallOptions,
  ) => Promise<ResponseReport>;
  /** Stops the carrying out of a request that was closed. */
  stop: (requestId: RequestId) => void;
}

/** A yes can be taken back until its response was handed to the network: then it may have left, also where it failed. */
function assertNotAnswered({ secrets }: InboundRecord): void {
  if (secrets?.responseEnvelope !== undefined)
    throw new CarryoverError(
      "wrongState",
      "the response has been handed to the network",
    );
}

async function decline(
  context: EngineContext,
  record: InboundRecord,
  stop: RespondActivities["stop"],
): Promise<ResponseReport> {
  const check = assertNotAnswered;
  if (!(await moveInbound(context, record.requestId, "declined", { check })))
    throw new CarryoverError(
      "wrongState",
      `the request is already ${record.state}`,
    );
  stop(record.requestId);
  await carryOutInboundEffects(context, record.requestId);
  return {
    outcome: "declined",
    conversationCount: 0,
    messageCount: 0,
    sizeBytes: 0,
    leftOut: [],
    notMadeLive: [],
  };
}

/** A repeated approval of the same request is no second one: the work under way goes on. */
async function approve(
  context: EngineContext,
  record: InboundRecord,
  options: RespondOptions,
  catchUp: () => Promise<void>,
): Promise<void> {
  const { requestId } = record;
  if (isTerminal(providerMachine, record.state))
    throw new CarryoverError(
      "wrongState",
      `the request is already ${record.state}`,
    );
  if (record.state === "awaitingConsent") {
    if (record.expiresAtNs <= context.clock.nowNs()) {
      await moveInbound(context, requestId, "expiryReached");
      await carryOutInboundEffects(context, requestId);
      throw new CarryoverError("requestExpired", "the request has expired");
    }
    // Security rule 5: a person may look at a clone while the request that it copies has not been read yet.
    await catchUp();
    // Asked before the PIN: a clone must not find out by trying which PIN is right.
    assertNoPinConflict(requireInbound(context.state.current(), requestId));
    await checkPin(context, record, options.pin);
    options.signal?.throwIfAborted();
    // Security rule 3: the approval of this very request is stored before anything is done on its strength.
    const check = assertNoPinConflict;
    await moveInbound(context, requestId, "approved", { check });
    const { state } = requireInbound(context.state.current(), requestId);
    // A second click finds the work of the first under way.
    if (isTerminal(providerMachine, state))
      throw new CarryoverError(
        "wrongState",
        "the request was answered meanwhile",
      );
  }
}

/** In `enter` mode the PIN must be typed; in `show` mode a PIN that is given must be right all the same. */
async function checkPin(
  context: EngineContext,
  record: InboundRecord,
  typed: string | undefined,
): Promise<void> {
  if (typed === undefined) {
    if (context.policy.pinMode === "show") return;
    throw new CarryoverError("pinRequired", "the PIN must be entered");
  }
  if (parseTypedPin(typed) === record.verificationPin) return;
  const tries = await context.state.update((draft) => {
    const stored = requireInbound(draft, record.requestId);
    stored.wrongPinTries += 1;
    return stored.wrongPinTries;
  });
  if (tries < maxWrongPinTries)
    throw new CarryoverError("pinWrong", "the PIN is not that of this request");
  await moveInbound(context, record.requestId, "pinTriesUsedUp", {
    failure: "pinTriesUsedUp",
  });
  await carryOutInboundEffects(context, record.requestId);
  throw new CarryoverError("pinTriesUsedUp", "wrong PIN, for the third time");
}
