import { chunksOf } from "@carryover/backup-file/layers";
import { readFileStart } from "./file-start.js";
import { type AccountFileLimits, withLimits } from "./limits.js";
import { readStanzas } from "./protection/read-stanzas.js";
import type { PublicProtection } from "./protection/types.js";
import { translate } from "./translate.js";

/** What {@link inspectBackupAccountFile} needs. */
export interface InspectBackupAccountFileOptions {
  /** The file, from its first byte. It is cancelled after the first kilobyte or so. */
  readonly file: ReadableStream<Uint8Array>;
  readonly limits?: Partial<AccountFileLimits>;
  readonly signal?: AbortSignal;
}

/**
 * Everything that can be read without the secret. It is the claim of whoever had the file last: that it is a Backup
 * Account File at all, and that nothing of this was changed, is known only once it is open.
 */
export interface BackupAccountFilePublicPart {
  readonly container: "age-encryption.org/v1";
  readonly protection: PublicProtection;
}

/**
 * Says what a file needs to be opened.
 *
 * @throws AccountFileError `notAccountFile`, `truncated`, `altered`, `versionUnsupported`, `sourceFailed`, `aborted`
 */
export const inspectBackupAccountFile = async ({
  file,
  limits,
  signal,
}: InspectBackupAccountFileOptions): Promise<BackupAccountFilePublicPart> => {
  const chunks = chunksOf(file, signal);
  try {
    const { ageHeader } = await readFileStart(chunks, withLimits(limits));
    const { protection } = await readStanzas(ageHeader);
    return { container: "age-encryption.org/v1", protection };
  } catch (error) {
    throw translate(error);
  } finally {
    await chunks.return();
  }
};
