import { generateX25519Identity } from "age-encryption";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { sortConversations } from "../history/ordinary-conversations.js";
import { openHistoryFile } from "../history/write-history-file.js";
import type { StoredBackup } from "../ports/storage-provider-client.js";
import type { LongCallOptions } from "../progress.js";
import type { InboundRecord, SentFile } from "../state/engine-state.js";
import { holdBackLastChunk } from "../storage/hold-back-last-chunk.js";
import { storageOriginOfMessageUrl } from "../storage/storage-origin.js";
import { moveInbound, requireInbound } from "./inbound-records.js";
import { makeConversationsLive } from "./make-conversations-live.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 4 to 6: makes conversations live, then archives, encrypts, hashes and
 * uploads the history as one stream. Nothing of it is kept on this device.
 */
export async function uploadBackup(
  context: EngineContext,
  record: InboundRecord,
  options: LongCallOptions,
): Promise<void> {
  const stored =
    (await findFinishedUpload(context, record, options)) ??
    (await upload(context, record, options));
  const answer = checkAnswer(context, record, stored);
  await moveInbound(context, record.requestId, "uploadCompleted", {
    apply: (draft) => {
      if (draft.secrets !== undefined) draft.secrets.stored = answer;
    },
  });
}

/** What the service says goes into the response: the requester would refuse it, or it could not even be written. */
function checkAnswer(
  { clock }: EngineContext,
  { storageOrigin }: InboundRecord,
  { downloadUrl, expiresAtNs }: StoredBackup,
): { downloadUrl: string; expiresAtNs: bigint } {
  const nowNs = clock.nowNs();
  if (storageOriginOfMessageUrl(downloadUrl) !== storageOrigin)
    throw new CarryoverError(
      "storageRefused",
      "the storage service says that the file is at another origin",
    );
  const untilNs = expiresAtNs ?? nowNs + usualRetentionNs;
  if (untilNs <= nowNs || untilNs > maxTimeNs)
    throw new CarryoverError(
      "storageRefused",
      "the storage service does not keep the file",
    );
  return { downloadUrl, expiresAtNs: untilNs };
}

/** The largest time that travels in a message. */
const maxTimeNs = 2n ** 63n - 1n;

/** XIP-31: "Uploaded files would only need to be stored for maybe 72 hours". */
const usualRetentionNs = 72n * 60n * 60n * 1_000_000_000n;

/** A crash may have come between the last byte and the service's answer: then the file is there, and is ours. */
async function findFinishedUpload(
  { storageProvider }: EngineContext,
  { secrets }: InboundRecord,
  { signal }: LongCallOptions,
): Promise<StoredBackup | undefined> {
  if (secrets?.sentFile === undefined) return undefined;
  const stored = await storageProvider.findUpload(
    secrets.uploadUrl,
    signal ? { signal } : {},
  );
  if (stored !== undefined) assertSameFile(stored, secrets.sentFile);
  return stored;
}

async function listOrdinary(context: EngineContext): Promise<string[]> {
  const { ordinary } = await sortConversations(context);
  return ordinary.map(({ conversationId }) => conversationId);
}

async function upload(
  context: EngineContext,
  record: InboundRecord,
  options: LongCallOptions,
): Promise<StoredBackup> {
  const { signal } = options;
  const notMadeLive =
    context.policy.onApprove === "makeConversationsLive"
      ? await makeConversationsLive(
          context,
          record.senderInstallationId,
          options,
        )
      : await listOrdinary(context);
  const identity = await generateX25519Identity();
  const uploadUrl = await context.state.update((draft) => {
    const stored = requireInbound(draft, record.requestId);
    stored.notMadeLive = notMadeLive;
    if (stored.secrets === undefined)
      throw new CarryoverError("wrongState", "the request is closed");
    stored.secrets.fileIdentity = identity;
    delete stored.secrets.sentFile;
    return stored.secrets.uploadUrl;
  });
  const file = await openHistoryFile(context, {
    identity,
    scope: record.scope,
    phase: "uploading",
    ...options,
  });
  let sentFile: SentFile | undefined;
  const body = holdBackLastChunk(file.file, async () => {
    const written = await file.finished;
    sentFile = written;
    await context.state.update((draft) => {
      const { secrets } = requireInbound(draft, record.requestId);
      if (secrets !== undefined) secrets.sentFile = written;
    });
  });
  try {
    const stored = await context.storageProvider.upload(
      uploadUrl,
      body,
      signal ? { signal } : {},
    );
    if (sentFile === undefined)
      throw new CarryoverError(
        "storageRefused",
        "the storage service answered before the end",
      );
    assertSameFile(stored, sentFile);
    return stored;
  } finally {
    // A refused upload may not have read it to its end. Whoever still reads it has locked it, and lets go by themselves; one
    // that failed gives its error once more, which is known already.
    await body.cancel().catch(() => undefined);
    await file.dispose();
  }
}

/** What the service says that it holds must be what was sent. */
function assertSameFile(stored: StoredBackup, sent: SentFile): void {
  const sameSize =
    stored.sizeBytes === undefined || stored.sizeBytes === sent.sizeBytes;
  const sameHash =
    stored.sha256Hex === undefined || stored.sha256Hex === sent.sha256Hex;
  if (!sameSize || !sameHash)
    throw new CarryoverError(
      "uploadAuthorizationUsed",
      "the storage service holds another file for this request",
    );
}
