import {
  type ChannelId,
  encodeEnvelope,
  encodePadlockMessagePayload,
  fallbackText,
  type PadlockMessagePayload,
  signingText,
} from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";

/** Signs a payload for one channel. */
export async function signPayload(
  { installation }: Pick<EngineContext, "installation">,
  channelId: ChannelId,
  payload: PadlockMessagePayload,
): Promise<Uint8Array> {
  const bytes = encodePadlockMessagePayload(payload);
  const { inboxId, installationId: senderInstallationId } = installation;
  const headerSignature = await installation.sign(
    signingText({ inboxId, channelId, senderInstallationId }, bytes),
  );
  return encodeEnvelope({
    payload: bytes,
    senderInstallationId,
    headerSignature,
  });
}

/** Sends a signed payload. Requests wake the devices that they are sent to. */
export async function sendEnvelope(
  { channels }: Pick<EngineContext, "channels">,
  channelId: ChannelId,
  kind: PadlockMessagePayload["kind"],
  envelope: Uint8Array,
  idempotencyKey: string,
): Promise<void> {
  await channels.send(channelId, {
    content: envelope,
    fallback: fallbackText(kind),
    idempotencyKey,
    push: kind === "request" ? "push" : "quiet",
  });
}
