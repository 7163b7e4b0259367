import {
  type MessageHistoryBackupResponse,
  parseResponse,
  ProtocolError,
  type SealedMessageHistoryBackupResponse,
} from "@carryover/protocol";
import { Decrypter } from "age-encryption";
import type { IgnoredReason } from "../api.js";
import { findInInbox } from "../channel/inbox-membership.js";
import type { SignedMessage } from "../channel/read-backup-message.js";
import type { EngineContext } from "../engine-context.js";
import type { OutboundRecord } from "../state/engine-state.js";
import { storageOriginOf } from "../storage/storage-origin.js";
import {
  findOutbound,
  type FoundOutbound,
  moveOutbound,
} from "./outbound-records.js";

/** What became of a message: `done`, or the rule that it broke. */
export type Received = "done" | IgnoredReason;

/**
 * XIP-31, "Flow for Backup Requesters" 5a and 5b, and security rule 7: a response counts when it fits a stored request,
 * comes from the very installation that was asked, which is in the inbox now, opens with the request's key, has not
 * expired, and names a file at the origin that the upload went to. Anything else changes nothing.
 */
export async function receiveResponse(
  context: EngineContext,
  message: SignedMessage,
  sealed: SealedMessageHistoryBackupResponse,
): Promise<Received> {
  const found = findAwaiting(context, message, sealed.requestId);
  if (typeof found === "string") return found;
  const { record } = found;
  if (!canBeAnswered(record) || record.secrets === undefined) return "done";
  const response = await unseal(
    record.secrets.responseIdentity,
    sealed.sealedResponse,
  );
  if (response === undefined || response.requestId !== record.requestId)
    return "responseNotForThisRequest";
  if (response.expirationTimeNs <= context.clock.nowNs())
    return "responseExpired";
  if (storageOriginOf(response.backupUrl) !== record.storageOrigin)
    return "backupUrlOriginMismatch";
  if (response.backupFileSizeBytes > context.policy.maxBackupFileBytes)
    return "backupTooLarge";
  if ((await findInInbox(context, message.senderInstallationId)) === undefined)
    return "senderNotInInbox";
  await moveOutbound(context, record.requestId, "responseAccepted", {
    apply: (draft) => {
      if (draft.secrets !== undefined) draft.secrets.response = response;
      draft.offered = {
        sizeBytes: response.backupFileSizeBytes,
        conversationCount: response.conversationCount,
        messageCount: response.messageCount,
      };
    },
  });
  return "done";
}

/** The other side said no. Believed under the same rules as a response. */
export async function receiveDecline(
  context: EngineContext,
  message: SignedMessage,
  requestId: string,
): Promise<Received> {
  const found = findAwaiting(context, message, requestId);
  if (typeof found === "string") return found;
  if (!canBeAnswered(found.record)) return "done";
  if ((await findInInbox(context, message.senderInstallationId)) === undefined)
    return "senderNotInInbox";
  await moveOutbound(context, found.record.requestId, "declineAccepted");
  return "done";
}

/** Whoever answers has read the request: an answer may come before the send is known to have worked. */
function canBeAnswered({ state }: OutboundRecord): boolean {
  return state === "stored" || state === "awaitingResponse";
}

function findAwaiting(
  context: EngineContext,
  message: SignedMessage,
  requestId: string,
): FoundOutbound | IgnoredReason {
  const found = findOutbound(context.state.current(), requestId);
  if (found === undefined || found.call.channelId !== message.channelId)
    return "unknownRequest";
  if (found.record.recipientInstallationId !== message.senderInstallationId)
    return "notTheInstallationAsked";
  if (found.call.expiresAtNs <= context.clock.nowNs()) return "requestExpired";
  return found;
}

async function unseal(
  identity: string,
  sealed: Uint8Array,
): Promise<MessageHistoryBackupResponse | undefined> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  let bytes: Uint8Array;
  try {
    bytes = await decrypter.decrypt(sealed);
  } catch {
    // age gives plain errors for everything that does not open: not for us, altered, cut or no age file at all.
    return undefined;
  }
  try {
    return parseResponse(bytes).value;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
