import {
  backupMessageContentType,
  classifyBackupMessage,
} from "@carryover/protocol";
import type {
  ContentTypeId,
  EncodedContent,
} from "@xmtp/content-type-primitives";

/** A codec of the SDK whose content is bytes, in the one form that the types of `Client.create` take beside other codecs. */
export interface BackupMessageCodec {
  contentType: ContentTypeId;
  encode(content: Uint8Array): EncodedContent;
  decode(encoded: EncodedContent): Uint8Array;
  fallback(content: Uint8Array): string | undefined;
  shouldPush(content: unknown): boolean;
}

/**
 * Reads and writes backup messages as bytes: register it with the client. What the bytes say is checked by the engine,
 * and only where it counts.
 */
export const backupMessageCodec: BackupMessageCodec = {
  contentType: backupMessageContentType,
  encode: (content) => ({
    type: backupMessageContentType,
    parameters: {},
    content,
  }),
  decode: ({ content }) => content,
  // The text belongs to the message and travels beside the bytes: the sender adds it.
  fallback: () => undefined,
  shouldPush: (content) =>
    content instanceof Uint8Array &&
    classifyBackupMessage(content) === "request",
};
