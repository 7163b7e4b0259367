import type { EngineContext } from "./engine-context.js";
import { carryOutInboundEffects } from "./provider/carry-out-effects.js";
import { moveInbound } from "./provider/inbound-records.js";
import { carryOutOutboundEffects } from "./requester/carry-out-effects.js";
import { moveOutbound } from "./requester/outbound-records.js";

/** Ends every request whose time is over, on both sides, and forgets what ended long ago. */
export async function expireRequests(context: EngineContext): Promise<void> {
  const nowNs = context.clock.nowNs();
  const { calls, inbound } = context.state.current();
  for (const call of calls)
    for (const { requestId, state, secrets } of call.requests) {
      // A received response lives as long as the file that it names.
      const untilNs =
        state === "responseReceived"
          ? secrets?.response?.expirationTimeNs
          : call.expiresAtNs;
      const waits =
        state === "stored" ||
        state === "awaitingResponse" ||
        state === "responseReceived";
      if (!waits || untilNs === undefined || untilNs > nowNs) continue;
      await moveOutbound(context, requestId, "expiryReached", {
        failure: "requestExpired",
      });
      await carryOutOutboundEffects(context, requestId);
    }
  for (const { requestId, state, expiresAtNs } of inbound) {
    if (state !== "awaitingConsent" || expiresAtNs > nowNs) continue;
    await moveInbound(context, requestId, "expiryReached");
    await carryOutInboundEffects(context, requestId);
  }
  await forgetOldCalls(context, nowNs);
}

/** How long an app can still ask what became of a request. */
const keepEndedNs = 30n * 24n * 60n * 60n * 1_000_000_000n;

async function forgetOldCalls(
  { state }: EngineContext,
  nowNs: bigint,
): Promise<void> {
  const isOld = (endedAtNs: bigint | undefined) =>
    endedAtNs !== undefined && endedAtNs + keepEndedNs <= nowNs;
  const hasOld = state
    .current()
    .calls.some(({ requests }) =>
      requests.some(({ endedAtNs }) => isOld(endedAtNs)),
    );
  if (!hasOld) return;
  await state.update((draft) => {
    for (const call of draft.calls)
      call.requests = call.requests.filter(
        ({ endedAtNs }) => !isOld(endedAtNs),
      );
    draft.calls = draft.calls.filter(({ requests }) => requests.length > 0);
  });
}
