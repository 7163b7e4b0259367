import {
  ARCHIVE_KEY_BYTES,
  BackupFileError,
  readMessageBackupFile,
  writeXmtpArchive,
} from "@carryover/backup-file";
import { CarryoverError } from "../errors.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountFlow } from "./account-flow.js";
import type { RestoredArchive, RestoreToArchiveOptions } from "./api.js";
import { type PassingHistoryFile, takeDormantHistory } from "./move-history.js";
import { openAccountFile } from "./open-file.js";

/**
 * XIP-31, "Restoring from a Backup Account File directly" 1 to 4 and 6, for an app that does step 5 itself: everything that
 * the file's installation has, and that the network still keeps for it, as an XMTP archive. The backup channels are left
 * out of it. Nothing on the network is changed, and the file can be used again.
 *
 * @throws {CarryoverError} `invalidOption`, `accountFileRevoked`, `networkUnavailable`, …
 * @throws {AccountFileError} for a file that does not open
 */
export async function restoreToArchive(
  flow: AccountFlow,
  options: RestoreToArchiveOptions,
): Promise<RestoredArchive> {
  const { key = flow.randomBytes(ARCHIVE_KEY_BYTES) } = options;
  if (!(key instanceof Uint8Array) || key.length !== ARCHIVE_KEY_BYTES)
    throw new CarryoverError(
      "invalidOption",
      `key: must be ${ARCHIVE_KEY_BYTES} bytes`,
    );
  const { dormant, facts } = await openAccountFile(flow, options);
  const passing = await takeDormantHistory(flow, dormant, options);
  const { conversationCount, messageCount, leftOut } = passing.written;
  return {
    file: facts,
    conversationCount,
    messageCount,
    leftOut,
    key,
    openArchive: () => openArchive(flow, passing, key, options),
    dispose: () => passing.dispose(),
  };
}

async function openArchive(
  { backupFile: ports }: AccountFlow,
  { source, identity }: PassingHistoryFile,
  key: Uint8Array,
  { signal }: LongCallOptions,
): Promise<ReadableStream<Uint8Array>> {
  const bound = signal ? { signal } : {};
  try {
    const { elements } = await readMessageBackupFile({
      file: await source.open(),
      identities: [identity],
      ports,
      ...bound,
    });
    const { archive } = writeXmtpArchive({ elements, key, ports, ...bound });
    return inTheEnginesWords(archive);
  } catch (error) {
    throw asExportError(error);
  }
}

function inTheEnginesWords(
  archive: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = archive.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(asExportError(error));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function asExportError(error: unknown): unknown {
  if (!(error instanceof BackupFileError)) return error;
  return error.code === "aborted"
    ? new CarryoverError("aborted", "stopped on request", { cause: error })
    : new CarryoverError("exportFailed", "the archive could not be written", {
        cause: error,
      });
}
