import type { OutboundRequest } from "@carryover/xmtp-node";
import type { Mortal } from "./mortal.js";
import { RunnerDied } from "./start-runner.js";

/** Far more rounds than two deaths on each side take. */
const maxRounds = 12;

/**
 * Does what two apps and a person do, again and again, until there is nothing left to do: ask if nothing is asked, look,
 * say yes, apply. An app that died is started again.
 *
 * @returns the request that came to its end
 * @throws when an error comes that is no death, or the end does
 */
export async function drive(
  old: Mortal,
  fresh: Mortal,
): Promise<OutboundRequest> {
  for (let round = 0; round < maxRounds; round += 1) {
    try {
      const ended = await oneRound(old, fresh);
      if (ended !== undefined) return ended;
    } catch (error) {
      if (!(error instanceof RunnerDied)) throw error;
    }
  }
  throw new Error(`nothing came to an end in ${maxRounds} rounds`);
}

async function oneRound(
  old: Mortal,
  fresh: Mortal,
): Promise<OutboundRequest | undefined> {
  if ((await fresh.call("outbound")).length === 0) await fresh.call("request");
  const oldReport = await old.call("sync");
  for (const { requestId, state } of oldReport.inboundRequests)
    if (state === "awaitingConsent") await old.call("approve", requestId);
  const freshReport = await fresh.call("sync");
  for (const { requestId } of freshReport.ready)
    await fresh.call("apply", requestId);

  const [request, ...others] = await fresh.call("outbound");
  if (request === undefined || others.length > 0)
    throw new Error("not one request was made");
  const isQuiet =
    oldReport.inboundRequests.length === 0 &&
    freshReport.ready.length === 0 &&
    oldReport.problems.length + freshReport.problems.length === 0;
  return request.status !== "Pending" && isQuiet ? request : undefined;
}
