import type { ChannelId } from "@carryover/protocol";
import type { IgnoredReason } from "../api.js";
import { findInInbox } from "../channel/inbox-membership.js";
import type { SignedMessage } from "../channel/read-backup-message.js";
import type { EngineContext } from "../engine-context.js";
import { closeRequestsOf } from "../provider/close-requests.js";
import { isBackupInstallation, learnBackupRole } from "./backup-roles.js";
import { readCertificate } from "./read-certificate.js";
import type { RoleCertificate } from "./role-certificate.js";

/** An installation says itself that it is a backup. */
export async function receiveAnnouncement(
  context: EngineContext,
  { channelId, senderInstallationId, envelope }: SignedMessage,
): Promise<"done" | IgnoredReason> {
  return await believe(context, {
    installationId: senderInstallationId,
    channelId,
    envelope,
  });
}

/**
 * Somebody shows what another installation said. Who it is does not matter: only the installation itself can have signed
 * it, so nobody can silence another one.
 */
export async function receiveRelayed(
  context: EngineContext,
  { channelId, envelope }: { channelId: ChannelId; envelope: Uint8Array },
): Promise<"done" | IgnoredReason> {
  const certificate = readCertificate(context, channelId, envelope);
  return typeof certificate === "string"
    ? certificate
    : await believe(context, certificate);
}

async function believe(
  context: EngineContext,
  certificate: RoleCertificate,
): Promise<"done" | IgnoredReason> {
  const { installationId } = certificate;
  const { roleCertificates } = context.state.current();
  const isProven = roleCertificates.some(
    (each) => each.installationId === installationId,
  );
  if (isProven && isBackupInstallation(context, installationId)) return "done";
  // Only for those in the inbox: else anybody with old keys could fill the records.
  if ((await findInInbox(context, installationId)) === undefined)
    return "senderNotInInbox";
  await learnBackupRole(context, certificate);
  await closeRequestsOf(context, installationId);
  return "done";
}
