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

/** Opens a Message Backup File or an XMTP archive at its start. */
export async function openImport(
  { backupFile: ports }: Pick<EngineContext, "backupFile">,
  source: BackupFileSource,
  {
    signal,
    onBytes,
  }: { signal?: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<ImportReading> {
  const common = {
    ports,
    ...(signal && { signal }),
    ...(onBytes && {
      onProgress: ({ fileBytes }: { fileBytes: number }) => onBytes(fileBytes),
    }),
  };
  const file = await source.open();
  if (source.secret.kind === "archiveKey") {
    const archive = await readXmtpArchive({
      archive: file,
      key: source.secret.key,
      ...common,
    });
    return { elements: archive.elements, leftOut: () => [] };
  }
  const reader = await readMessageBackupFile({
    file,
    identities: [source.secret.identity],
    ...common,
  });
  return {
    ownerInboxId: reader.header.inboxId,
    elements: reader.elements,
    leftOut: () => reader.verified().manifest.leftOut,
  };
}
