import {
  type BackupElementRecord,
  planImportBatches,
  readAll,
  writeXmtpArchive,
} from "@carryover/backup-file";
import type { InstallationId } from "@carryover/protocol";
import type { BackupFileSource } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { ConversationInfo } from "../ports/history.js";
import type { LongCallOptions } from "../progress.js";
import type { BeforeImport } from "../state/engine-state.js";
import { reportImport } from "./import-report.js";
import { type ImportReading, withImport } from "./import-source.js";
import { putConsentBack } from "./put-consent-back.js";
import {
  asImportError,
  consentKey,
  type VerifiedBackup,
} from "./verify-backup.js";
import type { ImportReport } from "../api.js";

/** The library takes 2,000 messages at a time fastest. Two batches are in memory: one is imported, one is made. */
const maxBatchMessages = 2_000;
const maxBatchBytes = 4 * 1024 * 1024;

/**
 * What stands here before an import. Taken once, after the file was verified, and kept until the import is reported.
 *
 * @param allowedWhenAsked - conversations that were allowed here before anybody made others live. What is allowed since,
 * and denied on the installation that supplies the history, was allowed by the library and not by the person.
 */
export async function rememberBefore(
  { history }: EngineContext,
  { sent, alreadyThere, consent: supplied }: VerifiedBackup,
  allowedWhenAsked?: readonly string[],
): Promise<BeforeImport> {
  const chosenBefore = allowedWhenAsked && new Set(allowedWhenAsked);
  const isChosen = ({ conversationId, consent }: ConversationInfo) =>
    consent !== "allowed" ||
    chosenBefore === undefined ||
    chosenBefore.has(conversationId) ||
    supplied.get(conversationKey(conversationId))?.state !== "denied";
  const here = (await history.listConversations()).filter(
    (info) =>
      (sent.has(info.conversationId) ||
        supplied.has(conversationKey(info.conversationId))) &&
      isChosen(info),
  );
  return {
    consent: Object.fromEntries(
      here.map(({ conversationId, consent }) => [conversationId, consent]),
    ),
    alreadyThere: Object.fromEntries(alreadyThere),
  };
}

const conversationKey = (entity: string) =>
  consentKey({ entityType: "conversation", entity });

export interface ImportOptions extends LongCallOptions {
  before: BeforeImport;
  /** The installation whose answer this is. */
  suppliedBy?: InstallationId;
}

/**
 * XIP-31 `loadMessageBackupFile`: writes a verified backup into the local database in bounded batches, puts consent
 * back, fetches what is new and reports. Can be repeated from any point: the library ignores rows that exist.
 *
 * @throws {CarryoverError} `importFailed`, `importTimedOut`, `aborted`, …; what was imported stays
 */
export async function importBackup(
  context: EngineContext,
  source: BackupFileSource,
  verified: VerifiedBackup,
  options: ImportOptions,
): Promise<ImportReport> {
  const { onProgress, before, suppliedBy } = options;
  try {
    await writeRows(context, source, verified, options);
  } catch (error) {
    throw asImportError(error);
  }
  // Before consent is put back: coming live changes it.
  onProgress?.({ phase: "syncing" });
  await syncIfPossible(context);
  onProgress?.({ phase: "restoringConsent" });
  const listed = await context.history.listConversations();
  await putConsentBack(context, verified, before, listed);
  return reportImport(verified, before, listed, suppliedBy);
}

async function writeRows(
  context: EngineContext,
  source: BackupFileSource,
  verified: VerifiedBackup,
  { onProgress, signal }: ImportOptions,
): Promise<void> {
  await withImport(context, source, signal ? { signal } : {}, async (file) => {
    const batches = prepareBatches(context, file, verified, signal);
    try {
      let messages = 0;
      let ready = await batches.next();
      signal?.throwIfAborted();
      while (ready.done !== true) {
        const { archive, key, messageCount } = ready.value;
        // The library works on a thread of its own: meanwhile the next batch is made.
        const next = batches.next();
        next.catch(ignoreUntilAwaited);
        await context.history.importArchive(archive, key, {
          timeoutMs: context.policy.importTimeoutMs,
        });
        // Whether a row is there is not asked of the library: it does not show messages that it cannot decode, and a peer
        // who sent one must not be able to stop an import. The batch is whole, and the library says when it could not take
        // it.
        messages += messageCount;
        onProgress?.({
          phase: "importing",
          messages,
          totalMessages: verified.messageCount,
        });
        ready = await next;
        signal?.throwIfAborted();
      }
    } finally {
      await batches.return(undefined);
    }
  });
}

/** What goes wrong with the next batch is thrown when its turn comes. */
function ignoreUntilAwaited(): void {}

/** A part of an import that is complete in itself. */
interface PreparedBatch {
  archive: Uint8Array;
  key: Uint8Array;
  messageCount: number;
}

async function* prepareBatches(
  { backupFile: ports, randomBytes }: EngineContext,
  { elements }: ImportReading,
  verified: VerifiedBackup,
  signal: AbortSignal | undefined,
): AsyncGenerator<PreparedBatch> {
  const batches = planImportBatches({
    elements: toImport(elements, verified),
    maxMessages: maxBatchMessages,
    maxBytes: maxBatchBytes,
  });
  for await (const batch of batches) {
    // Consent is applied by the engine itself, after the rows: the library's import changes it.
    if (batch.kind !== "messages" && batch.kind !== "conversations") continue;
    const key = randomBytes(32);
    const { archive } = writeXmtpArchive({
      elements: batch.elements,
      key,
      ports,
      ...(signal && { signal }),
    });
    yield {
      archive: await readAll(archive),
      key,
      messageCount: batch.kind === "messages" ? batch.messageCount : 0,
    };
  }
}

/** Without what may not be imported. */
async function* toImport(
  elements: AsyncIterable<BackupElementRecord>,
  { refused }: VerifiedBackup,
): AsyncGenerator<BackupElementRecord> {
  for await (const record of elements) {
    const { view } = record;
    if (
      (view.kind === "group" || view.kind === "message") &&
      refused.has(view.conversationId)
    )
      continue;
    yield record;
  }
}

/** The rows are written: without a network the conversations come live with the app's next sync. */
async function syncIfPossible({ history }: EngineContext): Promise<void> {
  try {
    await history.sync();
  } catch (error) {
    if (!(
      error instanceof CarryoverError && error.code === "networkUnavailable"
    ))
      throw error;
  }
}
