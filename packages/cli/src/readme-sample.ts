import {
  type Carryover,
  carryoverClientOptions,
  createCarryover,
  type InboundRequest,
} from "@carryover/xmtp-node";
import { Client, type ClientOptions, type Signer } from "@xmtp/node-sdk";

const storageProviderUrl = "https://backups.example.org";

/** On every device: the SDK's client, and Carryover beside it. */
export async function open(
  signer: Signer,
  clientOptions: ClientOptions,
  directory: string,
  encryptionKey: Uint8Array,
) {
  const client = await Client.create(signer, {
    ...clientOptions,
    ...carryoverClientOptions(),
  });
  const carryover = await createCarryover(client, {
    directory, // Carryover's own records, encrypted
    encryptionKey, // 32 bytes
    allowedStorageOrigins: [storageProviderUrl],
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
    void askPerson(event.request).then((decision) =>
      carryover.respondToBackupRequest(event.request.requestId, decision),
    );
  });
}

/** On the new device: ask, show the PIN, and import what comes. */
export async function fetchHistory(
  carryover: Carryover,
  showPin: (pin: string) => void,
) {
  const answered = new Promise<string>((resolve) => {
    carryover.subscribe((event) => {
      if (event.kind === "responseReceived") resolve(event.request.requestId);
    });
  });
  const [request] = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl,
    appName: "My app",
  });
  showPin(request.verificationPin);
  return carryover.applyRemoteMessageHistoryBackup(await answered);
}
