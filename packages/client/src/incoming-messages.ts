import {
  readBackupMessage,
  type SignedMessage,
} from "./channel/read-backup-message.js";
import type { EngineContext } from "./engine-context.js";
import { CarryoverError } from "./errors.js";
import type { BackupMessage } from "./ports/channels.js";
import { receiveRequest } from "./provider/receive-request.js";
import { isBackupInstallation } from "./role/backup-roles.js";
import { receiveAnnouncement, receiveRelayed } from "./role/receive-role.js";
import { relayRoles } from "./role/relay-roles.js";
import {
  type Received,
  receiveDecline,
  receiveResponse,
} from "./requester/receive-response.js";

/** Takes messages one after the other, each once. */
export interface IncomingMessages {
  /** Resolves when the message is dealt with. What breaks a rule is reported as an event and changes nothing. */
  take(message: BackupMessage): Promise<Taken>;
}

/** `postponed`: the network was needed and is away, so the message is read again later. */
export type Taken = "dealtWith" | "postponed";

export function createIncomingMessages(
  context: EngineContext,
): IncomingMessages {
  const dealtWith = new Set<string>();
  let tail: Promise<unknown> = Promise.resolve();

  async function deal(message: BackupMessage): Promise<Taken> {
    if (dealtWith.has(message.messageId)) return "dealtWith";
    try {
      const outcome = await receive(context, message);
      // Strangers can send for ever: what is cheap to refuse again is not remembered.
      if (outcome !== "foreignSender" && outcome !== "notABackupChannel")
        dealtWith.add(message.messageId);
      if (outcome !== "done")
        context.emit({ kind: "messageIgnored", reason: outcome });
      return "dealtWith";
    } catch (error) {
      if (
        !(error instanceof CarryoverError) ||
        error.code !== "networkUnavailable"
      )
        throw error;
      // Security rule 2: if the network cannot be read, the answer is no. The message is read again by the next sync.
      context.emit({ kind: "messageIgnored", reason: "networkUnavailable" });
      return "postponed";
    }
  }

  return {
    take: (message) => {
      const next = tail.then(() => deal(message));
      tail = next.catch(() => undefined);
      return next;
    },
  };
}

async function receive(
  context: EngineContext,
  message: BackupMessage,
): Promise<Received> {
  const outcome = await readBackupMessage(context, message);
  if (outcome.kind === "ignored") return outcome.reason;
  const { message: signed } = outcome;
  if (signed.senderInstallationId === context.installation.installationId)
    return "done";
  const { channelId, payload, senderInstallationId } = signed;
  const isBackup = isBackupInstallation(context, senderInstallationId);
  // Who heard of a file before its own word arrives, as whoever made it, has nothing to be warned of.
  if (isBackup && saysItIsBackup(payload))
    return await dispatch(context, signed);
  // XIP-31: "disregard any messages from this installation other than MessageHistoryBackupResponses".
  const isDisregarded = isBackup && payload.kind !== "response";
  const received = isDisregarded
    ? "senderIsBackupInstallation"
    : await dispatch(context, signed);
  // Whoever asks, or is asked, may not know yet which installations are backups.
  if (isDisregarded || (payload.kind === "request" && received === "done"))
    await relayRoles(context, channelId);
  return received;
}

const saysItIsBackup = (payload: SignedMessage["payload"]) =>
  payload.kind === "contactBundle" && payload.contactRole === "backup";

async function dispatch(
  context: EngineContext,
  message: SignedMessage,
): Promise<Received> {
  const { payload } = message;
  switch (payload.kind) {
    case "request":
      return await receiveRequest(context, message, payload.request);
    case "response":
      return await receiveResponse(context, message, payload.response);
    case "decline":
      return await receiveDecline(context, message, payload.requestId);
    case "contactBundle":
      return saysItIsBackup(payload)
        ? await receiveAnnouncement(context, message)
        : "done";
    case "relayedContactBundle":
      return await receiveRelayed(context, payload);
  }
}
