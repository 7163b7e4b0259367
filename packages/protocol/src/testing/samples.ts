import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import { identityToRecipient } from "age-encryption";
import {
  type ChannelId,
  encodeEnvelope,
  encodePadlockMessagePayload,
  type InboxId,
  type InstallationId,
  installationIdFromBytes,
  type MessageHistoryBackupRequest,
  type MessageHistoryBackupResponse,
  type PadlockMessagePayload,
  parseChannelId,
  parseInboxId,
  parseRequestId,
  parseTypedPin,
  ProtocolError,
  type SealedMessageHistoryBackupResponse,
  signingText,
  type VerificationPin,
} from "../index.js";
import { utf8 } from "./wire-bytes.js";

/** An installation whose key is 32 times the same byte. */
export function sampleInstallation(seed: number): {
  installationId: InstallationId;
  sign: (text: string) => Uint8Array;
} {
  const secretKey = new Uint8Array(32).fill(seed);
  return {
    installationId: installationIdFromBytes(ed25519.getPublicKey(secretKey)),
    sign: (text) =>
      ed25519ph.sign(utf8(text), secretKey, {
        context: utf8("PUBLIC SIGNATURE CONTEXT"),
      }),
  };
}

export const requester = sampleInstallation(1);
export const provider = sampleInstallation(2);

export const inboxId: InboxId = parseInboxId("a1".repeat(32));
export const channelId: ChannelId = parseChannelId("c4".repeat(16));
export const requestId = parseRequestId("00112233445566778899aabbccddeeff");

export const x25519Identity =
  "AGE-SECRET-KEY-1G9Q5ZS2PG9Q5ZS2PG9Q5ZS2PG9Q5ZS2PG9Q5ZS2PG9Q5ZS2PG9QSC006VW";
export const x25519Recipient =
  "age10gdyuuym7zz6cj22hgzxnwd3aks2k8mck942hdullmdfqc37s53qf5r2e0";
export const hybridIdentity =
  "AGE-SECRET-KEY-PQ-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ0HGUHW";
/** About 2,000 characters. */
export const hybridRecipient = await identityToRecipient(hybridIdentity);

export function pin(digits: string): VerificationPin {
  const parsed = parseTypedPin(digits);
  if (parsed === undefined) throw new Error(`no PIN: ${digits}`);
  return parsed;
}

export const sampleRequest: MessageHistoryBackupRequest = {
  requestId,
  verificationPin: pin("0042"),
  uploadUrl: "https://storage.example/backups?authorization=dXBsb2Fk",
  recipientInstallationId: provider.installationId,
  responseRecipient: hybridRecipient,
  createdAtNs: 1_790_000_000_000_000_000n,
  expiresAtNs: 1_790_086_400_000_000_000n,
  appName: "Example Chat",
  scope: { elements: ["messages", "consent"] },
  backupFileVersions: [1],
};

export const sampleSealedResponse: SealedMessageHistoryBackupResponse = {
  requestId,
  sealedResponse: utf8("age-encryption.org/v1\n"),
};

export const sampleResponse: MessageHistoryBackupResponse = {
  requestId,
  backupUrl: "https://storage.example/backups/c29tZS1sb25nLWlk",
  encryptionParameters: { kind: "ageV1", identity: x25519Identity },
  backupFileHash: new Uint8Array(32).fill(0xd1),
  expirationTimeNs: 1_790_259_200_000_000_000n,
  backupFileSizeBytes: 73_421,
  conversationCount: 12,
  messageCount: 345,
};

export const samplePayloads: {
  [K in PadlockMessagePayload["kind"]]: PadlockMessagePayload & { kind: K };
} = {
  request: { kind: "request", request: sampleRequest },
  response: { kind: "response", response: sampleSealedResponse },
  decline: { kind: "decline", requestId },
  contactBundle: {
    kind: "contactBundle",
    contactRole: "backup",
    createdAtNs: 1_790_000_000_000_000_000n,
  },
  relayedContactBundle: {
    kind: "relayedContactBundle",
    channelId: parseChannelId("e5".repeat(32)),
    envelope: utf8("an envelope"),
  },
};

/** A signed message as a well-behaved installation sends it. */
export function sealedBy(
  installation: ReturnType<typeof sampleInstallation>,
  payload: PadlockMessagePayload,
  place: { inboxId: InboxId; channelId: ChannelId } = { inboxId, channelId },
): Uint8Array {
  const bytes = encodePadlockMessagePayload(payload);
  const { installationId: senderInstallationId, sign } = installation;
  return encodeEnvelope({
    payload: bytes,
    senderInstallationId,
    headerSignature: sign(
      signingText({ ...place, senderInstallationId }, bytes),
    ),
  });
}

/** The {@link ProtocolError} that an action throws; anything else fails the test. */
export function failureOf(action: () => unknown): ProtocolError {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error(`expected a ProtocolError, got ${typeof result}`);
}
