import type { InboundRequest } from "../api.js";
import { toHex } from "../hex.js";
import type { AccountFlow } from "./account-flow.js";

// A file that is not replaced forgets what it has answered, and the network shows it the request again until that expires. A
// second yes could not be carried out: the place for the upload is used. So answers are noted beside the notes of refreshes:
// ids and times, nothing secret.

/** An id is what the asking device chose: any text. */
const keyOf = (requestId: string) => toHex(new TextEncoder().encode(requestId));

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
  answered.set(keyOf(requestId), expiresAtNs);
  const lines = [...answered]
    .filter(([, untilNs]) => untilNs > clock.nowNs())
    .map(([key, untilNs]) => `${key} ${untilNs}\n`);
  await journal.delete(name);
  const writer = (await journal.append(name)).getWriter();
  await writer.write(new TextEncoder().encode(lines.join("")));
  await writer.close();
}

/** Those that were not answered from here. */
export async function withoutAnswered(
  { journal }: AccountFlow,
  installationId: string,
  requests: readonly InboundRequest[],
): Promise<InboundRequest[]> {
  if (journal === undefined) return [...requests];
  const answered = await read(journal, nameOf(installationId));
  return requests.filter(({ requestId }) => !answered.has(keyOf(requestId)));
}

async function read(
  journal: NonNullable<AccountFlow["journal"]>,
  name: string,
): Promise<Map<string, bigint>> {
  if ((await journal.size(name)) === undefined) return new Map();
  const text = await new Response(await journal.read(name)).text();
  // One that was cut by a crash says nothing.
  return new Map(
    [...text.matchAll(/^([0-9a-f]+) (\d{1,20})\n/gm)].map(
      ([, key = "", untilNs = "0"]) => [key, BigInt(untilNs)],
    ),
  );
}
