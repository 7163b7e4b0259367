import { findInInbox } from "../channel/inbox-membership.js";
import { findPrivateChannel } from "../channel/private-channel.js";
import type { EngineContext } from "../engine-context.js";
import type { CarryoverErrorCode } from "../errors.js";
import { isBackupInstallation } from "../role/backup-roles.js";
import type { InboundRecord } from "../state/engine-state.js";
import { allowedStorageOriginOf } from "../storage/storage-origin.js";

/**
 * Security rule 2: reads the channel's members and the inbox state from the network again, and asks every rule again
 * that time can have changed.
 *
 * @returns why the request must be refused, or `undefined` when it still stands
 * @throws {CarryoverError} `networkUnavailable`: if the network cannot be read, nothing goes on
 */
export async function whyRefuse(
  context: EngineContext,
  record: InboundRecord,
): Promise<CarryoverErrorCode | undefined> {
  if (record.secrets === undefined) return "wrongState";
  if (
    allowedStorageOriginOf(
      record.secrets.uploadUrl,
      context.policy.allowedStorageOrigins,
    ) === undefined
  )
    return "storageOriginNotAllowed";
  // Its role may have been announced while a person was thinking.
  if (isBackupInstallation(context, record.senderInstallationId))
    return "requesterIsBackup";
  await context.channels.refresh(record.channelId);
  if (
    (await findPrivateChannel(context, record.channelId)) !== record.channelId
  )
    return "channelNotPrivate";
  if ((await findInInbox(context, record.senderInstallationId)) === undefined)
    return "installationRevoked";
  return undefined;
}
