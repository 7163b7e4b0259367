import type { InstallationId } from "@carryover/protocol";
import type { BackupFileSource, ImportReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import type { LongCallOptions } from "../progress.js";
import { importBackup, rememberBefore } from "./import-backup.js";
import { verifyBackup } from "./verify-backup.js";

/** What is known of a file besides what is in it. */
export interface FileOrigin {
  /** What the file is recognized by when it is loaded again. Its bytes, unless told. */
  knownAs?: string;
  suppliedBy?: InstallationId;
}

/**
 * XIP-31 `loadMessageBackupFile`, for a file that is at hand. Can be repeated after an interruption: what stood here before
 * the first try is kept.
 */
export async function loadBackupFile(
  context: EngineContext,
  source: BackupFileSource,
  options: LongCallOptions = {},
  { knownAs, suppliedBy }: FileOrigin = {},
): Promise<ImportReport> {
  const { state } = context;
  const verified = await verifyBackup(context, source, options);
  const fileDigest = knownAs ?? verified.fileDigest;
  const interrupted = state
    .current()
    .fileImports.find((entry) => entry.fileDigest === fileDigest);
  const before =
    interrupted?.before ?? (await rememberBefore(context, verified));
  if (interrupted === undefined)
    await state.update((draft) =>
      draft.fileImports.push({ fileDigest, before }),
    );
  const report = await importBackup(context, source, verified, {
    ...options,
    before,
    ...(suppliedBy !== undefined && { suppliedBy }),
  });
  await state.update((draft) => {
    draft.fileImports = draft.fileImports.filter(
      (entry) => entry.fileDigest !== fileDigest,
    );
  });
  return report;
}
