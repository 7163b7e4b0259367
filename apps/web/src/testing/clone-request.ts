import {
  backupChannelMarker,
  backupMessageContentType,
  createRequestId,
  encodeEnvelope,
  encodePadlockMessagePayload,
  fallbackText,
  parseChannelId,
  parseInboxId,
  parseInstallationId,
  parseTypedPin,
  signingText,
} from "@carryover/protocol";
import {
  createStorageProviderClient,
  systemRandomBytes,
} from "@carryover/xmtp-node";
import type { TestClient } from "@carryover/testkit";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { MadeFile, World } from "./world.js";

const hourNs = 3_600_000_000_000n;

/** What a stolen installation can do that has seen a PIN: ask with the same one, from another app it says. */
export async function cloneRequest(
  thief: TestClient,
  { storage }: World,
  { created }: MadeFile,
  pin: string,
  appName: string,
): Promise<void> {
  const verificationPin = parseTypedPin(pin);
  if (verificationPin === undefined) throw new Error("that is no PIN");
  const { uploadUrl } = await createStorageProviderClient({
    uploadSecret: new Uint8Array(32),
  }).obtainUploadAuthorization(storage.url);
  const createdAtNs = BigInt(Date.now()) * 1_000_000n;
  const channel = await thief.conversations.createGroup([], {
    appData: backupChannelMarker + createRequestId(systemRandomBytes),
  });
  const payload = encodePadlockMessagePayload({
    kind: "request",
    request: {
      requestId: createRequestId(systemRandomBytes),
      verificationPin,
      uploadUrl,
      recipientInstallationId: parseInstallationId(
        created.summary.installationId,
      ),
      responseRecipient: await identityToRecipient(
        await generateX25519Identity(),
      ),
      createdAtNs,
      expiresAtNs: createdAtNs + hourNs,
      appName,
      scope: { elements: ["messages", "consent"] },
      backupFileVersions: [1],
    },
  });
  const senderInstallationId = parseInstallationId(thief.installationId);
  const text = signingText(
    {
      inboxId: parseInboxId(thief.inboxId),
      channelId: parseChannelId(channel.id),
      senderInstallationId,
    },
    payload,
  );
  await channel.send(
    {
      type: backupMessageContentType,
      parameters: {},
      fallback: fallbackText("request"),
      content: encodeEnvelope({
        payload,
        senderInstallationId,
        headerSignature: thief.signWithInstallationKey(text),
      }),
    },
    { shouldPush: false },
  );
}
