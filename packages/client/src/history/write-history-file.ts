import {
  type MessageBackupFileWriter,
  readXmtpArchive,
  writeMessageBackupFile,
} from "@carryover/backup-file";
import type { BackupScope } from "@carryover/protocol";
import { identityToRecipient } from "age-encryption";
import type { EngineContext } from "../engine-context.js";
import { asCarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { ExportedArchive } from "../ports/history.js";
import type { LongCallOptions } from "../progress.js";
import type { SentFile } from "../state/engine-state.js";
import {
  holdsOthers,
  isBackupChannel,
  sortConversations,
} from "./ordinary-conversations.js";
import { producer } from "./producer.js";
import { filterByScope } from "./scope-filter.js";

/** A Message Backup File of this installation's history, being written as it is read. */
export interface HistoryFile {
  file: ReadableStream<Uint8Array>;
  /** Resolves with the end of the file. */
  finished: Promise<SentFile>;
  /** Deletes what was needed to write it. Called on every path. */
  dispose: () => Promise<void>;
}

export interface HistoryFileOptions extends LongCallOptions {
  scope: BackupScope;
  /** What the file is made for. */
  phase: "uploading" | "archiving";
}

/** Bytes of the file that are made, and kept in memory, before the library has written all of its archive. */
const aheadBytes = 8 * 1024 * 1024;

/**
 * Turns the local history into a Message Backup File (XIP-31 `dump`). The library's archive is read, stripped of the
 * backup channels and encrypted again while the library writes it; no plain text touches the disk.
 *
 * @returns the file, once the library has written all of its archive: whoever takes it waits for no database
 */
export async function openHistoryFile(
  context: EngineContext,
  options: HistoryFileOptions & ({ identity: string } | { recipient: string }),
): Promise<HistoryFile> {
  const { scope, phase, onProgress, signal } = options;
  onProgress?.({ phase: "archiving" });
  const exported = await context.history.exportArchive({
    elements: scope.elements,
    ...(signal && { signal }),
  });
  let file: ReadableStream<Uint8Array> | undefined;
  try {
    let messages = 0;
    // An archive that fails says why itself; whoever reads it says less.
    const writer = await Promise.race([
      failureOf(exported.written),
      startWriting(context, exported, options, (made) => {
        messages = made;
      }),
    ]);
    const finished = writer.finished.then(
      ({ sizeBytes, sha256, manifest }) => ({
        sizeBytes,
        sha256Hex: toHex(sha256),
        conversationCount: manifest.conversations.length,
        messageCount: manifest.messageCount,
        leftOut: [...manifest.leftOut],
      }),
    );
    // Nobody waits for it when an upload is refused half-way, and the stream has the same error.
    finished.catch(() => undefined);
    file = readAhead(writer.file, (bytes) =>
      onProgress?.({ phase, messages, bytes }),
    );
    // What is wrong with the archive is known before the library is done with it.
    await Promise.race([exported.written, failureOf(finished)]);
    return { file, finished, dispose: () => exported.dispose() };
  } catch (error) {
    await exported.dispose();
    await file?.cancel(error).catch(() => undefined);
    throw asCarryoverError(
      error,
      "exportFailed",
      "the history could not be written out",
    );
  }
}

/** Rejects as the promise does, and never resolves. */
async function failureOf(promise: Promise<unknown>): Promise<never> {
  await promise;
  return await new Promise<never>(() => undefined);
}

async function startWriting(
  context: EngineContext,
  exported: ExportedArchive,
  options: HistoryFileOptions & ({ identity: string } | { recipient: string }),
  onMessages: (messages: number) => void,
): Promise<MessageBackupFileWriter> {
  const { clock, history, installation, backupFile: ports } = context;
  const { scope, signal } = options;
  const archive = await readXmtpArchive({
    archive: exported.archive,
    key: exported.key,
    ports,
    ...(signal && { signal }),
  });
  const { ordinary, channelIds } = await sortConversations(context);
  const filtered = filterByScope(archive.elements, {
    scope,
    backupChannelIds: channelIds,
    ordinaryIds: new Set(ordinary.map(({ conversationId }) => conversationId)),
    isBackupChannel: (conversationId) =>
      isBackupChannel(context, conversationId),
    holdsOthers: (conversationId) => holdsOthers(context, conversationId),
    history,
  });
  return writeMessageBackupFile({
    header: {
      producer: { ...producer, xmtpVersion: installation.libraryVersion },
      createdAtNs: clock.nowNs(),
      inboxId: installation.inboxId,
      installationId: installation.installationId,
      scope: {
        startNs: scope.startNs,
        endNs: scope.endNs,
        elements: scope.elements,
        disappearingMessages: "excluded",
      },
    },
    elements: filtered.elements,
    leftOut: () => filtered.leftOut(),
    recipients: [
      "identity" in options
        ? await identityToRecipient(options.identity)
        : options.recipient,
    ],
    ports,
    ...(signal && { signal }),
    onProgress: ({ messages }) => onMessages(messages),
  });
}

/** The same stream, of which a part is made before anybody reads it. */
function readAhead(
  source: ReadableStream<Uint8Array>,
  onRead: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  return source
    .pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({}, undefined, {
        highWaterMark: aheadBytes,
        size: ({ length }) => length,
      }),
    )
    .pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.length;
          onRead(bytes);
          controller.enqueue(chunk);
        },
      }),
    );
}
