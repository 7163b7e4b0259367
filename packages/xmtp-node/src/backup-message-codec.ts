import {
  backupMessageContentType,
  classifyBackupMessage,
} from "@carryover/protocol";
import type { ContentCodec } from "@xmtp/content-type-primitives";

/**
 * Reads and writes backup messages as bytes: register it with the client. What the bytes say is checked by the engine,
 * and only where it counts.
 */
export const backupMessageCodec: ContentCodec<Uint8Array> = {
  contentType: backupMessageContentType,
  encode: (content) => ({
    type: backupMessageContentType,
    parameters: {},
    content,
  }),
  decode: ({ content }) => content,
  // The text belongs to the message and travels beside the bytes: the sender adds it.
  fallback: () => undefined,
  shouldPush: (content) => classifyBackupMessage(content) === "request",
};
