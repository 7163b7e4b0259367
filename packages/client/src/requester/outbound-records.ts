import {
  requesterMachine,
  type RequesterEvent,
  type RequestId,
  statusOf,
  step,
} from "@carryover/protocol";
import type { OutboundRequest } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import {
  adviceFor,
  CarryoverError,
  type CarryoverErrorCode,
} from "../errors.js";
import type {
  EngineState,
  OutboundRecord,
  RequesterCall,
} from "../state/engine-state.js";

/** One request with the call that it belongs to. */
export interface FoundOutbound {
  call: RequesterCall;
  record: OutboundRecord;
}

export function findOutbound(
  state: EngineState,
  requestId: string,
): FoundOutbound | undefined {
  for (const call of state.calls) {
    const record = call.requests.find(
      (candidate) => candidate.requestId === requestId,
    );
    if (record !== undefined) return { call, record };
  }
  return undefined;
}

/** @throws {CarryoverError} `requestNotFound` */
export function requireOutbound(
  state: EngineState,
  requestId: string,
): FoundOutbound {
  const found = findOutbound(state, requestId);
  if (found === undefined)
    throw new CarryoverError(
      "requestNotFound",
      "no such request was made here",
    );
  return found;
}

/** What one transition leaves in the record, beside the new state. */
export interface OutboundChange {
  failure?: CarryoverErrorCode;
  apply?: (record: OutboundRecord, call: RequesterCall) => void;
}

/**
 * Takes one event through the requester's table and stores the outcome, the effects that are still due included.
 *
 * @returns true when the event counted in the request's present state
 */
export async function moveOutbound(
  context: EngineContext,
  requestId: RequestId,
  event: RequesterEvent,
  change: OutboundChange = {},
): Promise<boolean> {
  const moved = await context.state.update((draft) => {
    const { call, record } = requireOutbound(draft, requestId);
    const outcome = step(requesterMachine, record.state, event);
    if (outcome.kind === "ignored") return false;
    record.state = outcome.to;
    record.pendingEffects.push(...outcome.effects);
    delete record.failure;
    if (change.failure !== undefined) record.failure = change.failure;
    change.apply?.(record, call);
    if (statusOf(record.state) !== "Pending")
      record.endedAtNs = context.clock.nowNs();
    return true;
  });
  if (moved) {
    const request = viewOutbound(
      requireOutbound(context.state.current(), requestId),
    );
    context.emit({
      kind:
        event === "responseAccepted"
          ? "responseReceived"
          : "outboundRequestChanged",
      request,
    });
  }
  return moved;
}

const steps: Record<OutboundRecord["state"], OutboundRequest["step"]> = {
  stored: "sending",
  awaitingResponse: "awaitingResponse",
  responseReceived: "responseReceived",
  downloading: "downloading",
  importing: "importing",
  applied: "done",
  expired: "done",
  declined: "done",
  failed: "done",
};

/** What an app sees of a request: no key, no address. */
export function viewOutbound({ call, record }: FoundOutbound): OutboundRequest {
  return {
    requestId: record.requestId,
    verificationPin: call.verificationPin,
    status: statusOf(record.state),
    step: steps[record.state],
    recipientInstallationId: record.recipientInstallationId,
    createdAtNs: call.createdAtNs,
    expiresAtNs: call.expiresAtNs,
    ...(record.offered && { offered: { ...record.offered } }),
    ...(record.failure && {
      failure: { code: record.failure, advice: adviceFor(record.failure) },
    }),
    ...(record.report && { report: structuredClone(record.report) }),
  };
}
