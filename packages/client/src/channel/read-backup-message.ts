import {
  type ChannelId,
  type InstallationId,
  type PadlockMessagePayload,
  parseEnvelope,
  parsePadlockMessagePayload,
  ProtocolError,
  verifyEnvelope,
} from "@carryover/protocol";
import type { IgnoredReason } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import type { BackupMessage } from "../ports/channels.js";
import { findPrivateChannel } from "./private-channel.js";

/**
 * A message that stands in a private channel and was signed by the installation that it names. Whether that installation
 * belongs to the inbox **now** is not known yet: see `findInInbox`.
 */
export interface SignedMessage {
  channelId: ChannelId;
  messageId: string;
  senderInstallationId: InstallationId;
  payload: PadlockMessagePayload;
  /** The exact bytes that were signed and sent. */
  envelope: Uint8Array;
}

export type ReadOutcome =
  | { kind: "signed"; message: SignedMessage }
  | { kind: "ignored"; reason: IgnoredReason };

/**
 * Everything that can be checked of a message without the network. Where it stands comes first: bytes from a
 * conversation with anybody else are not even parsed.
 */
export async function readBackupMessage(
  context: Pick<EngineContext, "channels" | "installation">,
  message: BackupMessage,
): Promise<ReadOutcome> {
  const { inboxId } = context.installation;
  if (message.senderInboxId !== inboxId)
    return { kind: "ignored", reason: "foreignSender" };
  const channelId = await findPrivateChannel(context, message.conversationId);
  if (channelId === undefined)
    return { kind: "ignored", reason: "notABackupChannel" };
  try {
    const { value: envelope } = parseEnvelope(message.content);
    verifyEnvelope(envelope, { inboxId, channelId });
    const { value: payload } = parsePadlockMessagePayload(envelope.payload);
    const { senderInstallationId } = envelope;
    return {
      kind: "signed",
      message: {
        channelId,
        messageId: message.messageId,
        senderInstallationId,
        payload,
        envelope: message.content,
      },
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return {
      kind: "ignored",
      reason: error.code === "badSignature" ? "badSignature" : "malformed",
    };
  }
}
