import {
  type ChannelId,
  encodeEnvelope,
  encodePadlockMessagePayload,
  type InboxId,
  type InstallationId,
  installationIdFromBytes,
  type PadlockMessagePayload,
  parseChannelId,
  parseInboxId,
  signingText,
} from "@carryover/protocol";
import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";

const utf8 = new TextEncoder();

/** An installation with its key, for tests. */
export interface SampleInstallation {
  installationId: InstallationId;
  sign: (text: string) => Uint8Array;
}

/** An installation whose key is 32 times the same byte; it signs as installations of the official SDK do. */
export function sampleInstallation(seed: number): SampleInstallation {
  const secretKey = new Uint8Array(32).fill(seed);
  return {
    installationId: installationIdFromBytes(ed25519.getPublicKey(secretKey)),
    sign: (text) =>
      ed25519ph.sign(utf8.encode(text), secretKey, {
        context: utf8.encode("PUBLIC SIGNATURE CONTEXT"),
      }),
  };
}

/** The installation under test. */
export const self = sampleInstallation(1);
/** Another installation of the same inbox. */
export const other = sampleInstallation(2);
/** A third one of the same inbox. */
export const third = sampleInstallation(3);

export const inboxId: InboxId = parseInboxId("a1".repeat(32));
export const strangerInboxId: InboxId = parseInboxId("b0".repeat(32));
export const channelId: ChannelId = parseChannelId("c4".repeat(16));

/** A message as a well-behaved installation signs it. */
export function signedBy(
  { installationId: senderInstallationId, sign }: SampleInstallation,
  payload: PadlockMessagePayload,
  place: { inboxId: InboxId; channelId: ChannelId } = { inboxId, channelId },
): Uint8Array {
  const bytes = encodePadlockMessagePayload(payload);
  return encodeEnvelope({
    payload: bytes,
    senderInstallationId,
    headerSignature: sign(
      signingText({ ...place, senderInstallationId }, bytes),
    ),
  });
}
