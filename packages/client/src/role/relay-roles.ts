import {
  type ChannelId,
  type InstallationId,
  parseEnvelope,
  parsePadlockMessagePayload,
  ProtocolError,
} from "@carryover/protocol";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { RoleCertificate } from "./role-certificate.js";

/**
 * Shows the others in a channel which installations are backups: an announcement does not last, and was never seen by an
 * installation that was made later. Once in a channel, and not if somebody else has done so. Fails silently where the
 * network is away: the next request does it again.
 */
export async function relayRoles(
  context: EngineContext,
  channelId: ChannelId,
): Promise<void> {
  const { channels, installation, state } = context;
  const certificates = state
    .current()
    .roleCertificates.filter(
      (each) => each.installationId !== installation.installationId,
    );
  if (certificates.length === 0) return;
  try {
    const shown = await listShown(context, channelId);
    const notShown = certificates.filter(
      (each) => !shown.has(each.installationId),
    );
    if (notShown.length === 0) return;
    const { installations } = await installation.fetchInboxState();
    const inInbox = new Set(installations.map((each) => each.installationId));
    const missing = notShown.filter((each) => inInbox.has(each.installationId));
    if (missing.length === 0) return;
    for (const certificate of missing)
      await relay(context, channelId, certificate);
    // Sending makes a hidden conversation visible again.
    await channels.hide(channelId);
  } catch (error) {
    if (!(
      error instanceof CarryoverError && error.code === "networkUnavailable"
    ))
      throw error;
  }
}

async function relay(
  context: EngineContext,
  channelId: ChannelId,
  certificate: RoleCertificate,
): Promise<void> {
  const envelope = await signPayload(context, channelId, {
    kind: "relayedContactBundle",
    channelId: certificate.channelId,
    envelope: certificate.envelope,
  });
  await sendEnvelope(
    context,
    channelId,
    "relayedContactBundle",
    envelope,
    `role-${certificate.installationId}-${channelId}`,
  );
}

/** Installations whose role stands in the channel already. What stands there is a claim, but only silence depends on it. */
async function listShown(
  { channels }: EngineContext,
  channelId: ChannelId,
): Promise<Set<InstallationId>> {
  const shown = new Set<InstallationId>();
  for (const { content } of await channels.messages(channelId)) {
    const installationId = roleIn(content);
    if (installationId !== undefined) shown.add(installationId);
  }
  return shown;
}

function roleIn(content: Uint8Array): InstallationId | undefined {
  try {
    const { value: outer } = parseEnvelope(content);
    const { value: payload } = parsePadlockMessagePayload(outer.payload);
    if (payload.kind === "contactBundle" && payload.contactRole === "backup")
      return outer.senderInstallationId;
    return payload.kind === "relayedContactBundle"
      ? parseEnvelope(payload.envelope).value.senderInstallationId
      : undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
