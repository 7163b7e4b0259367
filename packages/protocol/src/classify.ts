import { backupMessageContentType } from "./content-type.js";
import { ProtocolError } from "./errors.js";
import { parseEnvelope } from "./envelope.js";
import {
  type PadlockMessagePayload,
  parsePadlockMessagePayload,
} from "./padlock-message-payload.js";

/** True for messages of this protocol, so that an app can leave them out of its conversation list. */
export function isBackupMessageContentType(
  type: { authorityId: string; typeId: string } | undefined,
): boolean {
  return (
    type?.authorityId === backupMessageContentType.authorityId &&
    type.typeId === backupMessageContentType.typeId
  );
}

/**
 * Tells an app's push handler what decoded content is about, for example "this is a history request". Nothing is
 * verified here: use it to choose a notification, never to answer.
 *
 * @param content - the bytes that the content type decodes to
 * @returns `undefined` when it is no message of this protocol
 */
export function classifyBackupMessage(
  content: Uint8Array,
): PadlockMessagePayload["kind"] | undefined {
  try {
    return parsePadlockMessagePayload(parseEnvelope(content).value.payload)
      .value.kind;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
