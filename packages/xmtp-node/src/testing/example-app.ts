// The code of docs/guide/app-developers.md. A test checks that the guide says the same, and runs it.

// #region open
import {
  type Carryover,
  carryoverClientOptions,
  createCarryover,
} from "../index.js";
import { Client, type Signer } from "@xmtp/node-sdk";

export async function openApp(signer: Signer, settings: AppSettings) {
  const client = await Client.create(signer, {
    env: "local",
    apiUrl: settings.apiUrl,
    dbPath: settings.databasePath,
    dbEncryptionKey: settings.databaseKey,
    ...carryoverClientOptions(),
  });
  const carryover = await createCarryover(client, {
    encryptionKey: settings.carryoverKey,
    allowedStorageOrigins: [settings.storageUrl],
  });
  return { client, carryover };
}
// #endregion

export interface AppSettings {
  apiUrl: string;
  databasePath: string;
  databaseKey: Uint8Array;
  carryoverKey: Uint8Array;
  storageUrl: string;
}

// #region list
import { isBackupChannel } from "../index.js";

export async function listConversations(client: Client<unknown>) {
  const conversations = await client.conversations.list();
  return conversations.filter((each) => !isBackupChannel(each));
}
// #endregion

// #region answer
import type { InboundRequest } from "../index.js";

export async function answerRequests(
  carryover: Carryover,
  askPerson: (request: InboundRequest) => Promise<"approve" | "decline">,
  onError: (error: unknown) => void,
) {
  const answer = async (request: InboundRequest) => {
    const decision = await askPerson(request);
    await carryover.respondToBackupRequest(request.requestId, decision);
  };
  carryover.subscribe((event) => {
    if (event.kind === "inboundRequest") answer(event.request).catch(onError);
  });
  await carryover.start();
}
// #endregion

// #region ask
import type { ImportReport } from "../index.js";

export async function fetchHistory(
  carryover: Carryover,
  storageUrl: string,
  show: (text: string) => void,
): Promise<ImportReport> {
  const requests = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageUrl,
    appName: "Example Chat",
  });
  const [request] = requests;
  show(`Compare this PIN on your other device: ${request?.verificationPin}`);
  // Throws when there is nothing to wait for any more, as when the person said no.
  const { requestId } = await carryover.waitForRemoteMessageHistoryBackup(
    requests.map((each) => each.requestId),
  );
  return await carryover.applyRemoteMessageHistoryBackup(requestId, {
    onProgress: ({ phase, messages, totalMessages }) => {
      show(`${phase} ${messages ?? ""}/${totalMessages ?? ""}`);
    },
  });
}
// #endregion

// #region errors
import { CarryoverError } from "../index.js";

export async function withAdvice(
  work: () => Promise<unknown>,
  show: (text: string) => void,
) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    show(error.advice);
    if (error.retryable) show("You can try again.");
  }
}
// #endregion

// #region push
import { classifyBackupMessage, isBackupMessageContentType } from "../index.js";
import type { DecodedMessage } from "@xmtp/node-sdk";

export function notificationFor(message: DecodedMessage<unknown>) {
  if (!isBackupMessageContentType(message.contentType)) return "chat";
  const { content } = message;
  return content instanceof Uint8Array &&
    classifyBackupMessage(content) === "request"
    ? "history request"
    : "none";
}
// #endregion
