import {
  isTerminal,
  providerMachine,
  requesterMachine,
  type RequestId,
} from "@carryover/protocol";
import type { SyncReport } from "./api.js";
import type { EngineContext } from "./engine-context.js";
import { CarryoverError } from "./errors.js";
import { denyWhatCameLive } from "./history/denied-until-live.js";
import type { LongCallOptions } from "./progress.js";
import { carryOutInboundEffects } from "./provider/carry-out-effects.js";
import { restoreConsent } from "./provider/make-conversations-live.js";
import { carryOutOutboundEffects } from "./requester/carry-out-effects.js";
import { sendCall } from "./requester/send-call.js";

/** The long activities, shared with the calls of the API so that none runs twice at once. */
export interface Activities {
  finish: (requestId: RequestId, options: LongCallOptions) => Promise<unknown>;
  apply: (requestId: RequestId, options: LongCallOptions) => Promise<unknown>;
}

/**
 * Goes on with everything that an interruption left: requests that were not sent, approvals that were not carried out,
 * downloads and imports half done, clean-up still due.
 *
 * @returns what still cannot be finished, and why
 */
export async function resumeWork(
  context: EngineContext,
  activities: Activities,
  options: LongCallOptions,
): Promise<SyncReport["problems"]> {
  const problems: SyncReport["problems"] = [];
  const attempt = async (
    requestId: RequestId,
    work: () => Promise<unknown>,
  ) => {
    try {
      const error = await work();
      if (error instanceof CarryoverError)
        problems.push(problemOf(requestId, error));
    } catch (error) {
      if (!(error instanceof CarryoverError)) throw error;
      problems.push(problemOf(requestId, error));
    }
  };
  await restoreConsent(context);
  await denyWhatCameLive(context);
  for (const { requestId, state } of context.state.current().inbound) {
    if (isTerminal(providerMachine, state))
      await attempt(requestId, () =>
        carryOutInboundEffects(context, requestId),
      );
    else if (state !== "awaitingConsent")
      await attempt(
        requestId,
        async () => void (await activities.finish(requestId, options)),
      );
  }
  for (const { callId, requests } of context.state.current().calls)
    for (const { requestId, state, pendingEffects } of requests) {
      if (state === "stored")
        await attempt(requestId, () => sendCall(context, callId));
      if (state === "downloading" || state === "importing")
        await attempt(
          requestId,
          async () => void (await activities.apply(requestId, options)),
        );
      if (isTerminal(requesterMachine, state) && pendingEffects.length > 0)
        await attempt(requestId, () =>
          carryOutOutboundEffects(context, requestId),
        );
    }
  return problems;
}

const problemOf = (requestId: RequestId, { code, advice }: CarryoverError) => ({
  requestId,
  code,
  advice,
});
