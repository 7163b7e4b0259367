import type { MessageHistoryBackupRequest } from "@carryover/protocol";
import type { IgnoredReason } from "../api.js";
import { findInInbox } from "../channel/inbox-membership.js";
import type { SignedMessage } from "../channel/read-backup-message.js";
import type { EngineContext } from "../engine-context.js";
import { commonBackupFileVersion } from "../history/backup-file-versions.js";
import { clockToleranceMs } from "../policy.js";
import type { Received } from "../requester/receive-response.js";
import { allowedStorageOriginOf } from "../storage/storage-origin.js";
import { estimateBackup } from "./estimate-backup.js";
import { findInbound, outstanding, viewInbound } from "./inbound-records.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 1 to 3, and security rules 1, 2, 4 and 6. Only what passes all of them is
 * shown to a person. The network is read last, and only for a request that nothing else speaks against.
 */
export async function receiveRequest(
  context: EngineContext,
  message: SignedMessage,
  request: MessageHistoryBackupRequest,
): Promise<Received> {
  const { clock, policy, state } = context;
  const seen = state
    .current()
    .seenRequests.find(({ requestId }) => requestId === request.requestId);
  if (seen !== undefined)
    return seen.messageId === message.messageId ? "done" : "requestReplayed";
  const reason = breaksRule(context, message, request);
  if (reason !== undefined) return reason;
  const storageOrigin = allowedStorageOriginOf(
    request.uploadUrl,
    policy.allowedStorageOrigins,
  );
  if (storageOrigin === undefined) return "storageOriginNotAllowed";
  const sender = await findInInbox(context, message.senderInstallationId);
  if (sender === undefined) return "senderNotInInbox";
  const estimate = await estimateBackup(context);
  const forgetAtNs = forgetAfter(context, request);
  const isNew = await state.update((draft) => {
    if (
      draft.seenRequests.some(
        ({ requestId }) => requestId === request.requestId,
      )
    )
      return false;
    draft.seenRequests = draft.seenRequests.filter(
      (entry) => entry.forgetAtNs > clock.nowNs(),
    );
    draft.seenRequests.push({
      requestId: request.requestId,
      messageId: message.messageId,
      forgetAtNs,
    });
    draft.inbound.push({
      requestId: request.requestId,
      channelId: message.channelId,
      senderInstallationId: message.senderInstallationId,
      ...(sender.createdAtNs !== undefined && {
        senderCreatedAtNs: sender.createdAtNs,
      }),
      state: "awaitingConsent",
      pendingEffects: [],
      verificationPin: request.verificationPin,
      wrongPinTries: 0,
      appName: request.appName,
      scope: request.scope,
      createdAtNs: request.createdAtNs,
      expiresAtNs: request.expiresAtNs,
      storageOrigin,
      estimate,
      secrets: {
        uploadUrl: request.uploadUrl,
        responseRecipient: request.responseRecipient,
      },
      notMadeLive: [],
    });
    return true;
  });
  const record = findInbound(state.current(), request.requestId);
  // It is no conversation: an app's list should not show it while a person decides.
  if (isNew) await context.channels.hide(message.channelId);
  if (isNew && record !== undefined)
    context.emit({
      kind: "inboundRequest",
      request: viewInbound(context, record),
    });
  return "done";
}

function breaksRule(
  { clock, installation, policy, state }: EngineContext,
  message: SignedMessage,
  request: MessageHistoryBackupRequest,
): IgnoredReason | undefined {
  const nowNs = clock.nowNs();
  if (request.recipientInstallationId !== installation.installationId)
    return "notAddressedToThisInstallation";
  if (
    state.current().backupInstallations.includes(message.senderInstallationId)
  )
    return "senderIsBackupInstallation";
  if (request.createdAtNs > nowNs + msToNs(clockToleranceMs))
    return "requestFromTheFuture";
  if (request.expiresAtNs <= nowNs) return "requestExpired";
  if (request.createdAtNs + msToNs(policy.maxRequestAgeMs) <= nowNs)
    return "requestExpired";
  if (outstanding(state.current()).length >= maxOutstandingRequests)
    return "tooManyRequests";
  if (commonBackupFileVersion(request.backupFileVersions) === undefined)
    return "noCommonBackupFileVersion";
  return undefined;
}

/** More than a person could tell apart: an installation gone wild must not fill the state. */
const maxOutstandingRequests = 32;

/** Security rule 4: an id is remembered until a replay of the message would be refused for its age. */
function forgetAfter(
  { policy }: EngineContext,
  request: MessageHistoryBackupRequest,
): bigint {
  const tooOldAtNs = request.createdAtNs + msToNs(policy.maxRequestAgeMs);
  const last =
    tooOldAtNs > request.expiresAtNs ? tooOldAtNs : request.expiresAtNs;
  return last + msToNs(clockToleranceMs);
}

const msToNs = (ms: number) => BigInt(ms) * 1_000_000n;
