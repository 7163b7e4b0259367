import {
  type Carryover,
  carryoverClientOptions,
  createCarryover,
  type InboundRequest,
  type OutboundRequest,
} from "@carryover/xmtp-node";
import { Client, type ClientOptions, type Signer } from "@xmtp/node-sdk";

/** On every device: the SDK's client, and Carryover beside it. */
export async function open(
  signer: Signer,
  clientOptions: ClientOptions,
  encryptionKey: Uint8Array, // 32 bytes, for Carryover's own records
  storageProviderUrl: string,
) {
  const client = await Client.create(signer, {
    ...clientOptions,
    ...carryoverClientOptions(),
  });
  const carryover = await createCarryover(client, {
    encryptionKey,
    allowedStorageOrigins: [new URL(storageProviderUrl).origin],
  });
  await carryover.start();
  return { client, carryover };
}

/** On the old device: show each request to a person, and do what they say. */
export function answerRequests(
  carryover: Carryover,
  askPerson: (request: InboundRequest) => Promise<"approve" | "decline">,
  showProblem: (error: unknown) => void,
) {
  const answer = async (request: InboundRequest) => {
    const decision = await askPerson(request);
    await carryover.respondToBackupRequest(request.requestId, decision);
  };
  return carryover.subscribe((event) => {
    if (event.kind === "inboundRequest")
      answer(event.request).catch(showProblem);
  });
}

/** On the new device: ask, show the PIN, and import what comes. */
export async function fetchHistory(
  carryover: Carryover,
  storageProviderUrl: string,
  showPin: (requests: OutboundRequest[]) => void, // one a device, one PIN
) {
  const requests = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl,
    appName: "My app",
  });
  showPin(requests);
  const answered = await carryover.waitForRemoteMessageHistoryBackup(
    requests.map(({ requestId }) => requestId),
  ); // throws when everybody said no
  return carryover.applyRemoteMessageHistoryBackup(answered.requestId);
}
