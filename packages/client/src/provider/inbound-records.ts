import {
  providerMachine,
  type ProviderEvent,
  isTerminal,
  type RequestId,
  step,
} from "@carryover/protocol";
import type { InboundClosedReason, InboundRequest } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError, type CarryoverErrorCode } from "../errors.js";
import type { EngineState, InboundRecord } from "../state/engine-state.js";

/** Wrong PINs after which a request is closed, in `enter` mode. */
export const maxWrongPinTries = 3;

export function findInbound(
  state: EngineState,
  requestId: string,
): InboundRecord | undefined {
  return state.inbound.find((record) => record.requestId === requestId);
}

/** @throws {CarryoverError} `requestNotFound`, or `wrongState` for one that was answered before */
export function requireInbound(
  state: EngineState,
  requestId: string,
): InboundRecord {
  const record = findInbound(state, requestId);
  if (record !== undefined) return record;
  const seen = state.seenRequests.find(
    (candidate) => candidate.requestId === requestId,
  );
  if (seen?.failure === "requesterIsBackup")
    throw new CarryoverError(
      "requesterIsBackup",
      "the installation that asked turned out to be a backup",
    );
  if (seen?.outcome !== undefined)
    throw new CarryoverError(
      "wrongState",
      `the request is already ${seen.outcome}`,
    );
  throw new CarryoverError("requestNotFound", "no such request waits here");
}

/** What one transition leaves in the record, beside the new state. */
export interface InboundChange {
  /** Looks at the record in the moment that the state changes; throws to leave everything as it is. */
  check?: (record: InboundRecord) => void;
  failure?: CarryoverErrorCode;
  apply?: (record: InboundRecord) => void;
}

/**
 * Takes one event through the provider's table and stores the outcome, the effects that are still due included.
 *
 * @returns true when the event counted in the request's present state
 */
export async function moveInbound(
  context: EngineContext,
  requestId: RequestId,
  event: ProviderEvent,
  change: InboundChange = {},
): Promise<boolean> {
  const closed = await context.state.update((draft) => {
    const record = requireInbound(draft, requestId);
    change.check?.(record);
    const outcome = step(providerMachine, record.state, event);
    if (outcome.kind === "ignored") return undefined;
    record.state = outcome.to;
    record.pendingEffects.push(...outcome.effects);
    if (change.failure !== undefined) record.failure = change.failure;
    change.apply?.(record);
    if (!isTerminal(providerMachine, record.state)) return "open";
    const reason = record.state as InboundClosedReason;
    const seen = draft.seenRequests.find(
      (candidate) => candidate.requestId === requestId,
    );
    if (seen !== undefined) {
      seen.outcome = reason;
      if (record.failure !== undefined) seen.failure = record.failure;
    }
    return { reason };
  });
  if (typeof closed === "object")
    context.emit({
      kind: "inboundRequestClosed",
      requestId,
      reason: closed.reason,
    });
  return closed !== undefined;
}

/** Requests that still wait for a person. */
export function outstanding(state: EngineState): InboundRecord[] {
  return state.inbound.filter(({ state: word }) => word === "awaitingConsent");
}

/**
 * Security rule 5: two outstanding requests with one PIN are a conflict. It stays with both: whoever cloned a PIN must not
 * gain by waiting until the other request is declined or has expired.
 *
 * @throws {CarryoverError} `pinConflict`
 */
export function assertNoPinConflict({ pinState }: InboundRecord): void {
  if (pinState === "conflict")
    throw new CarryoverError(
      "pinConflict",
      "another outstanding request has the same PIN",
    );
}

/** What a person sees of a request. No key, no token; the PIN only where they are to compare it. */
export function viewInbound(
  { policy }: EngineContext,
  record: InboundRecord,
): InboundRequest {
  return {
    requestId: record.requestId,
    ...(policy.pinMode === "show" && {
      verificationPin: record.verificationPin,
    }),
    pinState: record.pinState,
    wrongPinTriesLeft: maxWrongPinTries - record.wrongPinTries,
    state: record.state === "awaitingConsent" ? "awaitingConsent" : "approved",
    installationId: record.senderInstallationId,
    ...(record.senderCreatedAtNs !== undefined && {
      installationCreatedAtNs: record.senderCreatedAtNs,
    }),
    appName: record.appName,
    storageOrigin: record.storageOrigin,
    scope: structuredClone(record.scope),
    createdAtNs: record.createdAtNs,
    expiresAtNs: record.expiresAtNs,
    estimate: { ...record.estimate },
  };
}
