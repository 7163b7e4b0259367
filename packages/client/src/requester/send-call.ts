import type { ChannelId } from "@carryover/protocol";
import { identityToRecipient } from "age-encryption";
import { findPrivateChannel } from "../channel/private-channel.js";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { relayRoles } from "../role/relay-roles.js";
import type { RequesterCall } from "../state/engine-state.js";
import { supportedBackupFileVersions } from "../history/backup-file-versions.js";
import { moveOutbound } from "./outbound-records.js";

/**
 * Sends the stored requests of one call. Can be repeated: the channel of an interrupted call is found again, and what
 * was sent is not sent twice.
 */
export async function sendCall(
  context: EngineContext,
  callId: string,
): Promise<void> {
  const channelId = await openChannel(context, callId);
  // Asked every time: between two tries an own installation may have let somebody in.
  if ((await findPrivateChannel(context, channelId)) === undefined)
    throw new CarryoverError(
      "channelNotPrivate",
      "the backup channel holds somebody else",
    );
  const call = findCall(context, callId);
  for (const record of call.requests) {
    if (record.state !== "stored" || record.secrets === undefined) continue;
    const { requestId, recipientInstallationId, secrets } = record;
    const envelope = await signPayload(context, channelId, {
      kind: "request",
      request: {
        requestId,
        verificationPin: call.verificationPin,
        uploadUrl: secrets.uploadUrl,
        recipientInstallationId,
        responseRecipient: await identityToRecipient(secrets.responseIdentity),
        createdAtNs: call.createdAtNs,
        expiresAtNs: call.expiresAtNs,
        appName: call.appName,
        scope: call.scope,
        backupFileVersions: [...supportedBackupFileVersions],
      },
    });
    await sendEnvelope(
      context,
      channelId,
      "request",
      envelope,
      `request-${requestId}`,
    );
    await moveOutbound(context, requestId, "requestSent");
  }
  await relayRoles(context, channelId);
  // After the last message: sending makes a hidden conversation visible again.
  await context.channels.hide(channelId);
}

async function openChannel(
  context: EngineContext,
  callId: string,
): Promise<ChannelId> {
  const { channels, state } = context;
  const call = findCall(context, callId);
  if (call.channelId !== undefined) return call.channelId;
  const known = (await channels.list()).find(
    (channel) => channel.callId === callId,
  );
  const channelId =
    known?.channelId ??
    (await channels.create({
      callId,
      messageLifetimeNs: call.expiresAtNs - call.createdAtNs + channelMarginNs,
    }));
  await state.update((draft) => {
    const stored = draft.calls.find((candidate) => candidate.callId === callId);
    if (stored !== undefined) stored.channelId = channelId;
  });
  return channelId;
}

// A response may be sent in the last moment of the request's life, and then has to be read.
const channelMarginNs = 60n * 60n * 1_000_000_000n;

function findCall({ state }: EngineContext, callId: string): RequesterCall {
  const call = state
    .current()
    .calls.find((candidate) => candidate.callId === callId);
  if (call === undefined)
    throw new CarryoverError("requestNotFound", "no such call was made here");
  return call;
}
