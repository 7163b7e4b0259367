import { createRequestId } from "@carryover/protocol";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";

/** As long as a new installation's key package lives: installations that are offline longer hear of it from others. */
const announcementLifetimeNs = 84n * 86_400_000_000_000n;

/**
 * XIP-31: "The installation contact published to the network will be set with a type of backup". Today's network has no
 * place for that, so the installation says it in a channel of its own, to all others of the inbox.
 *
 * @param context - of the backup installation itself
 */
export async function announceBackupRole(
  context: EngineContext,
): Promise<void> {
  const { channels, clock, installation, randomBytes } = context;
  const channelId = await channels.create({
    callId: createRequestId(randomBytes),
    messageLifetimeNs: announcementLifetimeNs,
  });
  const envelope = await signPayload(context, channelId, {
    kind: "contactBundle",
    contactRole: "backup",
    createdAtNs: clock.nowNs(),
  });
  await sendEnvelope(
    context,
    channelId,
    "contactBundle",
    envelope,
    `role-${installation.installationId}`,
  );
  await channels.hide(channelId);
}
