import type {
  MessageHistoryBackupRequest,
  RequestId,
} from "@carryover/protocol";
import type { IgnoredReason } from "../api.js";
import { findInInbox } from "../channel/inbox-membership.js";
import type { SignedMessage } from "../channel/read-backup-message.js";
import type { EngineContext } from "../engine-context.js";
import { commonBackupFileVersion } from "../history/backup-file-versions.js";
import { clockToleranceMs, type Policy } from "../policy.js";
import type { Received } from "../requester/receive-response.js";
import type { InboundRecord } from "../state/engine-state.js";
import { allowedStorageOriginOf } from "../storage/storage-origin.js";
import { estimateBackup } from "./estimate-backup.js";
import { findInbound, outstanding, viewInbound } from "./inbound-records.js";
import { canSealTo } from "./seal.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 1 to 3, and security rules 1, 2, 4 and 6. Only what passes all of them is
 * shown to a person. The network is read last, and only for a request that nothing else speaks against.
 */
export async function receiveRequest(
  context: EngineContext,
  message: SignedMessage,
  request: MessageHistoryBackupRequest,
): Promise<Received> {
  const seen = context.state
    .current()
    .seenRequests.find(({ requestId }) => requestId === request.requestId);
  if (seen !== undefined) {
    if (seen.messageId === message.messageId) return "done";
    await contest(context, message, request);
    return "requestReplayed";
  }
  const reason = breaksRule(context, message, request);
  if (reason !== undefined) return reason;
  const storageOrigin = allowedStorageOriginOf(
    request.uploadUrl,
    context.policy.allowedStorageOrigins,
  );
  if (storageOrigin === undefined) return "storageOriginNotAllowed";
  const sender = await findInInbox(context, message.senderInstallationId);
  if (sender === undefined) return "senderNotInInbox";
  // A key that nothing can be sealed to must not be found out about after the upload.
  if (!(await canSealTo(request.responseRecipient))) return "malformed";
  const changed = await addInbound(
    context,
    {
      requestId: request.requestId,
      channelId: message.channelId,
      senderInstallationId: message.senderInstallationId,
      ...(sender.createdAtNs !== undefined && {
        senderCreatedAtNs: sender.createdAtNs,
      }),
      state: "awaitingConsent",
      pendingEffects: [],
      verificationPin: request.verificationPin,
      pinState: "unique",
      wrongPinTries: 0,
      appName: request.appName,
      scope: request.scope,
      createdAtNs: request.createdAtNs,
      expiresAtNs: request.expiresAtNs,
      storageOrigin,
      estimate: await estimateBackup(context),
      secrets: {
        uploadUrl: request.uploadUrl,
        responseRecipient: request.responseRecipient,
      },
      notMadeLive: [],
    },
    message.messageId,
  );
  // It is no conversation: an app's list should not show it while a person decides.
  await context.channels.hide(message.channelId);
  show(context, changed);
  return "done";
}

/**
 * Stores a request, its id as used, and the conflicts that it makes.
 *
 * @returns the requests that are new or changed
 */
async function addInbound(
  { clock, policy, state }: EngineContext,
  record: InboundRecord,
  messageId: string,
): Promise<RequestId[]> {
  return await state.update((draft) => {
    const clones = outstanding(draft).filter(
      ({ verificationPin }) => verificationPin === record.verificationPin,
    );
    for (const clone of clones) clone.pinState = "conflict";
    draft.inbound.push({
      ...record,
      pinState: clones.length > 0 ? "conflict" : "unique",
    });
    draft.seenRequests = draft.seenRequests.filter(
      (entry) => entry.forgetAtNs > clock.nowNs(),
    );
    draft.seenRequests.push({
      requestId: record.requestId,
      messageId,
      forgetAtNs: forgetAfter(policy, record),
    });
    return [...clones, record].map(({ requestId }) => requestId);
  });
}

/**
 * Security rules 4 and 5: another installation uses the id of a request that waits. Which of the two was read first is
 * chance, or the doing of whoever copied it, so a person is not left with one that looks good.
 */
async function contest(
  context: EngineContext,
  { senderInstallationId }: SignedMessage,
  request: MessageHistoryBackupRequest,
): Promise<void> {
  const { installation, state } = context;
  const { requestId } = request;
  const record = findInbound(state.current(), requestId);
  if (
    record?.state !== "awaitingConsent" ||
    record.pinState === "conflict" ||
    record.senderInstallationId === senderInstallationId ||
    request.recipientInstallationId !== installation.installationId ||
    (await findInInbox(context, senderInstallationId)) === undefined
  )
    return;
  await state.update((draft) => {
    const stored = findInbound(draft, requestId);
    if (stored !== undefined) stored.pinState = "conflict";
  });
  show(context, [requestId]);
}

function show(context: EngineContext, requestIds: readonly RequestId[]): void {
  for (const requestId of requestIds) {
    const record = findInbound(context.state.current(), requestId);
    if (record !== undefined)
      context.emit({
        kind: "inboundRequest",
        request: viewInbound(context, record),
      });
  }
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
  const bySender = outstanding(state.current()).filter(
    ({ senderInstallationId }) =>
      senderInstallationId === message.senderInstallationId,
  );
  if (bySender.length >= maxOutstandingPerInstallation)
    return "tooManyRequests";
  if (commonBackupFileVersion(request.backupFileVersions) === undefined)
    return "noCommonBackupFileVersion";
  return undefined;
}

/**
 * An installation gone wild must not fill the state. Counted by installation: it must not keep out the request of another
 * one either, whose PIN it could then clone without a conflict.
 */
const maxOutstandingPerInstallation = 8;

/** Security rule 4: an id is remembered until a replay of the message would be refused for its age. */
function forgetAfter(
  policy: Policy,
  {
    createdAtNs,
    expiresAtNs,
  }: Pick<InboundRecord, "createdAtNs" | "expiresAtNs">,
): bigint {
  const tooOldAtNs = createdAtNs + msToNs(policy.maxRequestAgeMs);
  const last = tooOldAtNs > expiresAtNs ? tooOldAtNs : expiresAtNs;
  return last + msToNs(clockToleranceMs);
}

const msToNs = (ms: number) => BigInt(ms) * 1_000_000n;
