import type { InboundRequest } from "../api.js";
import { CarryoverError } from "../errors.js";
import { maxWrongPinTries } from "../provider/inbound-records.js";
import type { AccountFlow } from "./account-flow.js";
import { keyOfRequest } from "./request-key.js";

// A file that is not replaced forgets how often a wrong PIN was typed for a request, and whoever opens it anew could guess on.
// So the tries are noted beside the notes of what was answered: ids, numbers and times, nothing secret.

type Request = Pick<InboundRequest, "requestId" | "expiresAtNs">;

const nameOf = (installationId: string) => `tries-${installationId}`;

interface Tries {
  count: number;
  expiresAtNs: bigint;
}

/**
 * Notes one more wrong PIN.
 *
 * @returns how many there were for this request
 */
export async function noteWrongPin(
  { clock, journal }: AccountFlow,
  installationId: string,
  { requestId, expiresAtNs }: Request,
): Promise<number> {
  if (journal === undefined) return 0;
  const name = nameOf(installationId);
  const tries = await read(journal, name);
  const count = (tries.get(keyOfRequest(requestId))?.count ?? 0) + 1;
  tries.set(keyOfRequest(requestId), { count, expiresAtNs });
  const lines = [...tries]
    .filter(([, each]) => each.expiresAtNs > clock.nowNs())
    .map(([key, each]) => `${key} ${each.count} ${each.expiresAtNs}\n`);
  await journal.write(name, lines.join(""));
  return count;
}

/** The requests, each with the tries that are left for it since it came. */
export async function withTriesLeft(
  { journal }: AccountFlow,
  installationId: string,
  requests: readonly InboundRequest[],
): Promise<InboundRequest[]> {
  if (journal === undefined) return [...requests];
  const tries = await read(journal, nameOf(installationId));
  return requests.map((request) => ({
    ...request,
    wrongPinTriesLeft: Math.min(
      request.wrongPinTriesLeft,
      maxWrongPinTries -
        (tries.get(keyOfRequest(request.requestId))?.count ?? 0),
    ),
  }));
}

/** @throws {CarryoverError} `pinTriesUsedUp` for a request that wrong PINs have closed, in whichever opening of the file */
export async function assertTriesLeft(
  { journal }: AccountFlow,
  installationId: string,
  requestId: string,
): Promise<void> {
  if (journal === undefined) return;
  const tries = await read(journal, nameOf(installationId));
  if ((tries.get(keyOfRequest(requestId))?.count ?? 0) >= maxWrongPinTries)
    throw new CarryoverError(
      "pinTriesUsedUp",
      "wrong PINs have closed the request",
    );
}

async function read(
  journal: NonNullable<AccountFlow["journal"]>,
  name: string,
): Promise<Map<string, Tries>> {
  const text = (await journal.read(name)) ?? "";
  return new Map(
    [...text.matchAll(/^([0-9a-f]+) (\d{1,3}) (\d{1,20})\n/gm)].map(
      ([, key = "", count = "0", expiresAtNs = "0"]) => [
        key,
        { count: Number(count), expiresAtNs: BigInt(expiresAtNs) },
      ],
    ),
  );
}
