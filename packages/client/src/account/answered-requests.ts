import type { InboundRequest } from "../api.js";
import type { AccountFlow } from "./account-flow.js";
import { keyOfRequest } from "./request-key.js";

// A file that is not replaced forgets what it has answered, and the network shows it the request again until that expires. A
// second yes could not be carried out: the place for the upload is used. So answers are noted beside the notes of refreshes:
// ids and times, nothing secret.

const nameOf = (installationId: string) => `answered-${installationId}`;

/** Notes that a request was answered, yes or no. */
export async function noteAnswered(
  { clock, journal }: AccountFlow,
  installationId: string,
  { requestId, expiresAtNs }: Pick<InboundRequest, "requestId" | "expiresAtNs">,
): Promise<void> {
  if (journal === undefined) return;
  const name = nameOf(installationId);
  const answered = await read(journal, name);
  answered.set(keyOfRequest(requestId), expiresAtNs);
  const lines = [...answered]
    .filter(([, untilNs]) => untilNs > clock.nowNs())
    .map(([key, untilNs]) => `${key} ${untilNs}\n`);
  await journal.write(name, lines.join(""));
}

/** Those that were not answered from here. */
export async function withoutAnswered(
  { journal }: AccountFlow,
  installationId: string,
  requests: readonly InboundRequest[],
): Promise<InboundRequest[]> {
  if (journal === undefined) return [...requests];
  const answered = await read(journal, nameOf(installationId));
  return requests.filter(
    ({ requestId }) => !answered.has(keyOfRequest(requestId)),
  );
}

async function read(
  journal: NonNullable<AccountFlow["journal"]>,
  name: string,
): Promise<Map<string, bigint>> {
  const text = (await journal.read(name)) ?? "";
  return new Map(
    [...text.matchAll(/^([0-9a-f]+) (\d{1,20})\n/gm)].map(
      ([, key = "", untilNs = "0"]) => [key, BigInt(untilNs)],
    ),
  );
}
