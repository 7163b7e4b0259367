import {
  readXmtpArchive,
  writeMessageBackupFile,
} from "@carryover/backup-file";
import type { BackupScope } from "@carryover/protocol";
import { identityToRecipient } from "age-encryption";
import type { EngineContext } from "../engine-context.js";
import { asCarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { LongCallOptions } from "../progress.js";
import type { SentFile } from "../state/engine-state.js";
import { holdsOthers, sortConversations } from "./ordinary-conversations.js";
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

/**
 * Turns the local history into a Message Backup File (XIP-31 `dump`). The library's archive is read, stripped of the
 * backup channels and encrypted again on the way; no plain text touches the disk.
 */
export async function openHistoryFile(
  context: EngineContext,
  options: HistoryFileOptions & ({ identity: string } | { recipient: string }),
): Promise<HistoryFile> {
  const { clock, history, installation, backupFile: ports } = context;
  const { scope, onProgress, signal } = options;
  onProgress?.({ phase: "archiving" });
  const exported = await history.exportArchive({
    elements: scope.elements,
    ...(signal && { signal }),
  });
  try {
    const archive = await readXmtpArchive({
      archive: exported.archive,
      key: exported.key,
      ports,
      ...(signal && { signal }),
    });
    // After the export: a channel that came meanwhile is known too.
    const { channelIds } = await sortConversations(context);
    const filtered = filterByScope(archive.elements, {
      scope,
      backupChannelIds: channelIds,
      holdsOthers: (conversationId) => holdsOthers(context, conversationId),
      history,
    });
    const writer = writeMessageBackupFile({
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
      ...(onProgress && {
        onProgress: ({ messages, fileBytes }) =>
          onProgress({ phase: options.phase, messages, bytes: fileBytes }),
      }),
    });
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
    return {
      file: writer.file,
      finished,
      dispose: () => exported.dispose(),
    };
  } catch (error) {
    await exported.dispose();
    throw asCarryoverError(
      error,
      "exportFailed",
      "the history could not be written out",
    );
  }
}
