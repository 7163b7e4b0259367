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
) {
  return carryover.subscribe((event) => {
    if (event.kind !== "inboundRequest") return;
    const { requestId } = event.request;
    void askPerson(event.request).then((decision) =>
      carryover.respondToBackupRequest(requestId, decision),
    );
  });
}

/** On the new device: ask, show the PIN, and import what comes. */
export async function fetchHistory(
  carryover: Carryover,
  storageProviderUrl: string,
  showPin: (requests: OutboundRequest[]) => void, // one a device, one PIN
) {
  const answered = new Promise<string>((resolve) => {
    carryover.subscribe((event) => {
      if (event.kind === "responseReceived") resolve(event.request.requestId);
    });
  });
  showPin(
    await carryover.requestRemoteMessageHistoryBackup({
      storageProviderUrl,
      appName: "My app",
    }),
  );
  return carryover.applyRemoteMessageHistoryBackup(await answered);
}
