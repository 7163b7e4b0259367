import {
  type ChannelId,
  parseEnvelope,
  parsePadlockMessagePayload,
  ProtocolError,
  verifyEnvelope,
} from "@carryover/protocol";
import type { IgnoredReason } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import type { RoleCertificate } from "./role-certificate.js";

/**
 * Reads what somebody shows as an installation's own word that it is a backup.
 *
 * @param channelId - that it is said to be signed for
 * @returns why it does not count, for everything else
 */
export function readCertificate(
  { installation }: Pick<EngineContext, "installation">,
  channelId: ChannelId,
  bytes: Uint8Array,
): RoleCertificate | IgnoredReason {
  try {
    const { value: envelope } = parseEnvelope(bytes);
    verifyEnvelope(envelope, { inboxId: installation.inboxId, channelId });
    const { value: payload } = parsePadlockMessagePayload(envelope.payload);
    // Nothing but this is believed from a third: a relayed request, or a relayed relay, is none.
    if (payload.kind !== "contactBundle" || payload.contactRole !== "backup")
      return "malformed";
    return {
      installationId: envelope.senderInstallationId,
      channelId,
      envelope: bytes,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === "badSignature" ? "badSignature" : "malformed";
  }
}
