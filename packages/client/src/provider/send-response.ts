import { encodeResponse } from "@carryover/protocol";
import { sendEnvelope, signPayload } from "../channel/send-payload.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { InboundRecord } from "../state/engine-state.js";
import { fromHex } from "../hex.js";
import { requireInbound } from "./inbound-records.js";
import { sealTo } from "./seal.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 7. The body is sealed to the request's own recipient: the other
 * installations in the channel see that there was an answer, and neither where the file is nor how it opens.
 */
export async function sendResponse(
  context: EngineContext,
  record: InboundRecord,
): Promise<void> {
  const envelope =
    record.secrets?.responseEnvelope ??
    (await commitToResponse(context, record));
  await sendEnvelope(
    context,
    record.channelId,
    "response",
    envelope,
    `response-${record.requestId}`,
  );
}

/**
 * Stores the signed response in the same moment that sees the request still standing: from here on it may have left, and
 * a decline is refused.
 *
 * @throws {CarryoverError} `wrongState` when the request was closed meanwhile
 */
async function commitToResponse(
  context: EngineContext,
  record: InboundRecord,
): Promise<Uint8Array> {
  const { requestId, channelId, secrets } = record;
  if (
    secrets?.sentFile === undefined ||
    secrets.stored === undefined ||
    secrets.fileIdentity === undefined
  )
    throw new CarryoverError(
      "wrongState",
      "there is no uploaded file to answer with",
    );
  const sealedResponse = await sealTo(
    secrets.responseRecipient,
    encodeResponse({
      requestId,
      backupUrl: secrets.stored.downloadUrl,
      encryptionParameters: { kind: "ageV1", identity: secrets.fileIdentity },
      backupFileHash: fromHex(secrets.sentFile.sha256Hex),
      expirationTimeNs: secrets.stored.expiresAtNs,
      backupFileSizeBytes: secrets.sentFile.sizeBytes,
      conversationCount: secrets.sentFile.conversationCount,
      messageCount: secrets.sentFile.messageCount,
    }),
  );
  const envelope = await signPayload(context, channelId, {
    kind: "response",
    response: { requestId, sealedResponse },
  });
  await context.state.update((draft) => {
    const stored = requireInbound(draft, requestId);
    if (stored.state !== "uploaded" || stored.secrets === undefined)
      throw new CarryoverError(
        "wrongState",
        "the request was closed meanwhile",
      );
    stored.secrets.responseEnvelope = envelope;
  });
  return envelope;
}
