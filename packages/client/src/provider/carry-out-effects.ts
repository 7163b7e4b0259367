import {
  isTerminal,
  providerMachine,
  type ProviderEffect,
  type RequestId,
} from "@carryover/protocol";
import { findPrivateChannel } from "../channel/private-channel.js";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";
import type { InboundRecord } from "../state/engine-state.js";
import { findInbound } from "./inbound-records.js";

/**
 * Carries out what the last transition left to do, and strikes each off once it is done; the record goes with the last.
 * What fails for want of a network stays due and is tried again by the next `sync`; it never fails the call that caused
 * it.
 *
 * @returns the first error, for the report
 */
export async function carryOutInboundEffects(
  context: EngineContext,
  requestId: RequestId,
): Promise<unknown> {
  let firstError: unknown;
  for (const effect of findInbound(context.state.current(), requestId)
    ?.pendingEffects ?? []) {
    const record = findInbound(context.state.current(), requestId);
    if (record === undefined) return firstError;
    try {
      await carryOut(context, record, effect);
      await strikeOff(context, requestId, effect);
    } catch (error) {
      firstError ??= error;
    }
  }
  const record = findInbound(context.state.current(), requestId);
  if (
    record !== undefined &&
    isTerminal(providerMachine, record.state) &&
    record.pendingEffects.length === 0
  )
    await context.state.update((draft) => {
      draft.inbound = draft.inbound.filter(
        (candidate) => candidate.requestId !== requestId,
      );
    });
  return firstError;
}

async function carryOut(
  context: EngineContext,
  record: InboundRecord,
  effect: ProviderEffect,
): Promise<void> {
  switch (effect) {
    case "deleteWorkingData":
      await context.state.update((draft) => {
        delete findInbound(draft, record.requestId)?.secrets;
      });
      return;
    case "tellRequester": {
      if (
        context.policy.onDecline === "staySilent" ||
        record.expiresAtNs <= context.clock.nowNs()
      )
        return;
      const { requestId, channelId } = record;
      // To somebody else not even that a request was declined.
      if ((await findPrivateChannel(context, channelId)) === undefined) return;
      const envelope = await signPayload(context, channelId, {
        kind: "decline",
        requestId,
      });
      await sendEnvelope(
        context,
        channelId,
        "decline",
        envelope,
        `decline-${requestId}`,
      );
      return;
    }
    case "hideChannel":
      await context.channels.hide(record.channelId);
      return;
  }
}

async function strikeOff(
  context: EngineContext,
  requestId: RequestId,
  effect: ProviderEffect,
): Promise<void> {
  await context.state.update((draft) => {
    const record = findInbound(draft, requestId);
    if (record !== undefined)
      record.pendingEffects = record.pendingEffects.filter(
        (candidate) => candidate !== effect,
      );
  });
}
