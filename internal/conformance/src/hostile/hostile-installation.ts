import {
  backupChannelMarker,
  backupMessageContentType,
  type ChannelId,
  createRequestId,
  encodeEnvelope,
  encodePadlockMessagePayload,
  fallbackText,
  type MessageHistoryBackupRequest,
  type PadlockMessagePayload,
  parseChannelId,
  parseEnvelope,
  parseInboxId,
  parseInstallationId,
  parsePadlockMessagePayload,
  parseTypedPin,
  signingText,
  type VerificationPin,
} from "@carryover/protocol";
import { findGroup, type TestClient, waitFor } from "@carryover/testkit";
import {
  createStorageProviderClient,
  isBackupChannel,
  systemRandomBytes,
} from "@carryover/xmtp-node";
import type { Dm, Group } from "@xmtp/node-sdk";
import { generateX25519Identity, identityToRecipient } from "age-encryption";

/** Any conversation of the official SDK. */
export type Conversation = Group<unknown> | Dm<unknown>;

const minuteNs = 60_000_000_000n;
export const nowNs = () => BigInt(Date.now()) * 1_000_000n;

/** @throws when the text is no PIN */
export function pin(digits: string): VerificationPin {
  const parsed = parseTypedPin(digits);
  if (parsed === undefined) throw new Error("no PIN");
  return parsed;
}

const storageClient = createStorageProviderClient({
  uploadSecret: new Uint8Array(32),
});

/** A request that every check lets pass, with a real upload authorization, but for what is changed. */
export async function requestFor(
  recipient: TestClient,
  storageUrl: string,
  change: Partial<MessageHistoryBackupRequest> = {},
): Promise<MessageHistoryBackupRequest> {
  const { uploadUrl } =
    await storageClient.obtainUploadAuthorization(storageUrl);
  const createdAtNs = nowNs();
  return {
    requestId: createRequestId(systemRandomBytes),
    verificationPin: pin("1234"),
    uploadUrl,
    recipientInstallationId: parseInstallationId(recipient.installationId),
    responseRecipient: await identityToRecipient(
      await generateX25519Identity(),
    ),
    createdAtNs,
    expiresAtNs: createdAtNs + 60n * minuteNs,
    appName: "Hostile",
    scope: { elements: ["messages", "consent"] },
    backupFileVersions: [1],
    ...change,
  };
}

/** Where a signature is to count; what an honest installation signs by default. */
export interface SignedPlace {
  inboxId?: string;
  channelId?: string;
}

/** A payload in an envelope, signed by a real installation for one place. */
export function signWith(
  client: TestClient,
  conversation: Conversation,
  payload: PadlockMessagePayload,
  place: SignedPlace = {},
): Uint8Array {
  const bytes = encodePadlockMessagePayload(payload);
  const senderInstallationId = parseInstallationId(client.installationId);
  const text = signingText(
    {
      inboxId: parseInboxId(place.inboxId ?? client.inboxId),
      channelId: parseChannelId(place.channelId ?? conversation.id),
      senderInstallationId,
    },
    bytes,
  );
  return encodeEnvelope({
    payload: bytes,
    senderInstallationId,
    headerSignature: client.signWithInstallationKey(text),
  });
}

/** Sends bytes under the content type of backup messages, whatever they are and wherever it is. */
export async function sendBytes(
  conversation: Conversation,
  content: Uint8Array,
): Promise<void> {
  await conversation.send(
    {
      type: backupMessageContentType,
      parameters: {},
      fallback: fallbackText("request"),
      content,
    },
    { shouldPush: false },
  );
}

/** Signs and sends. @returns the bytes that were sent */
export async function sendSigned(
  client: TestClient,
  conversation: Conversation,
  payload: PadlockMessagePayload,
  place: SignedPlace = {},
): Promise<Uint8Array> {
  const content = signWith(client, conversation, payload, place);
  await sendBytes(conversation, content);
  return content;
}

/** Makes a group that is marked as a backup channel, with whoever one likes, and no lock on its members. */
export async function makeMarkedGroup(
  client: TestClient,
  others: readonly TestClient[] = [],
): Promise<Group<unknown>> {
  return await client.conversations.createGroup(
    others.map(({ inboxId }) => inboxId),
    { appData: backupChannelMarker + createRequestId(systemRandomBytes) },
  );
}

/** The same conversation as another installation sees it. */
export async function sameGroup(
  client: TestClient,
  { id }: { id: string },
): Promise<Group<unknown>> {
  await client.conversations.syncAll([0, 1, 2]);
  return await findGroup(client, id);
}

/** A request as it stands in its channel. */
export interface FoundRequest {
  channel: Group<unknown>;
  channelId: ChannelId;
  request: MessageHistoryBackupRequest;
  content: Uint8Array;
}

/** Reads the requests that other installations of the inbox have sent, as any installation of the inbox can. */
export async function findRequests(
  client: TestClient,
): Promise<FoundRequest[]> {
  await client.conversations.syncAll([0, 1, 2]);
  const found: FoundRequest[] = [];
  const groups = client.conversations.listGroups({
    consentStates: [0, 1, 2],
  });
  for (const channel of groups.filter(isBackupChannel))
    for (const { content } of await channel.messages()) {
      if (!(content instanceof Uint8Array)) continue;
      const { payload } = parseEnvelope(content).value;
      const { value } = parsePadlockMessagePayload(payload);
      if (value.kind === "request")
        found.push({
          channel,
          channelId: parseChannelId(channel.id),
          request: value.request,
          content,
        });
    }
  return found;
}

/** Waits for a request to arrive. */
export async function findRequest(
  client: TestClient,
  requestId: string,
): Promise<FoundRequest> {
  return await waitFor("a request to arrive", async () =>
    (await findRequests(client)).find(
      ({ request }) => request.requestId === requestId,
    ),
  );
}
