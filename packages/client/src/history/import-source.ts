import {
  type BackupElementRecord,
  type LeftOut,
  readMessageBackupFile,
  readXmtpArchive,
} from "@carryover/backup-file";
import type { BackupFileSource } from "../api.js";
import type { EngineContext } from "../engine-context.js";

/** One reading of a backup, from its first byte to its last. */
export interface ImportReading {
  /** Whose messages these are; absent in a plain XMTP archive, which does not say. */
  ownerInboxId?: string;
  /** Provisional until the iteration has ended: it throws when anything in the file is wrong. */
  elements: AsyncIterable<BackupElementRecord>;
  /** After the last element. */
  leftOut(): readonly LeftOut[];
}

/** Opens a Message Backup File or an XMTP archive at its start, and lets go of it however far it was read. */
export async function withImport<T>(
  { backupFile: ports }: Pick<EngineContext, "backupFile">,
  source: BackupFileSource,
  {
    signal,
    onBytes,
  }: { signal?: AbortSignal; onBytes?: (bytes: number) => void },
  use: (reading: ImportReading) => Promise<T>,
): Promise<T> {
  const closing = new AbortController();
  const common = {
    ports,
    signal:
      signal === undefined
        ? closing.signal
        : AbortSignal.any([signal, closing.signal]),
    ...(onBytes && {
      onProgress: ({ fileBytes }: { fileBytes: number }) => onBytes(fileBytes),
    }),
  };
  const file = await source.open();
  try {
    return await use(await read(file, source.secret, common));
  } finally {
    closing.abort();
    // A reader that refused before it read has not taken the stream.
    if (!file.locked) await file.cancel();
  }
}

async function read(
  file: ReadableStream<Uint8Array>,
  secret: BackupFileSource["secret"],
  options: Pick<
    Parameters<typeof readMessageBackupFile>[0],
    "ports" | "signal" | "onProgress"
  >,
): Promise<ImportReading> {
  if (secret.kind === "archiveKey") {
    const { elements } = await readXmtpArchive({
      archive: file,
      key: secret.key,
      ...options,
    });
    return { elements, leftOut: () => [] };
  }
  const reader = await readMessageBackupFile({
    file,
    identities: [secret.identity],
    ...options,
  });
  return {
    ownerInboxId: reader.header.inboxId,
    elements: reader.elements,
    leftOut: () => reader.verified().manifest.leftOut,
  };
}
