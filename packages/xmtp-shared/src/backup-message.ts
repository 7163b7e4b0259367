import type { BackupMessage } from "@carryover/client";
import {
  isBackupMessageContentType,
  maxBackupMessageBytes,
} from "@carryover/protocol";
import type { SdkMessage } from "./sdk-client.js";

/**
 * A message of ours as the engine takes it.
 *
 * @returns `undefined` for messages of any other content type, and where the codec gave no bytes
 */
export function asBackupMessage(
  message: SdkMessage,
): BackupMessage | undefined {
  const { content } = message;
  if (!isBackupMessageContentType(message.contentType)) return undefined;
  if (!(content instanceof Uint8Array)) return undefined;
  return {
    conversationId: message.conversationId,
    messageId: message.id,
    senderInboxId: message.senderInboxId,
    sentAtNs: message.sentAtNs,
    // One byte over the limit is enough for the engine to refuse it; the rest of a flood is let go.
    content: content.slice(0, maxBackupMessageBytes + 1),
  };
}
