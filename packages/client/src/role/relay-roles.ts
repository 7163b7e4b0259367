import type { ChannelId, InstallationId } from "@carryover/protocol";
import { readBackupMessage } from "../channel/read-backup-message.js";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { isBackupInstallation } from "./backup-roles.js";
import { readCertificate } from "./read-certificate.js";
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

/**
 * Installations whose role the others have seen in the channel. Only what they would believe counts: else whoever holds a
 * stolen file could write something that looks like it, and nobody would be warned.
 */
async function listShown(
  context: EngineContext,
  channelId: ChannelId,
): Promise<Set<InstallationId>> {
  const shown = new Set<InstallationId>();
  for (const message of await context.channels.messages(channelId)) {
    const outcome = await readBackupMessage(context, message);
    if (outcome.kind === "ignored") continue;
    const { payload, senderInstallationId } = outcome.message;
    if (payload.kind === "contactBundle" && payload.contactRole === "backup")
      shown.add(senderInstallationId);
    // Those who know that the sender is a backup disregard what it shows of others.
    if (
      payload.kind !== "relayedContactBundle" ||
      isBackupInstallation(context, senderInstallationId)
    )
      continue;
    const certificate = readCertificate(
      context,
      payload.channelId,
      payload.envelope,
    );
    if (typeof certificate !== "string") shown.add(certificate.installationId);
  }
  return shown;
}
