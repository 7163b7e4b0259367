import type { BackupFileSource, ImportReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import type { LongCallOptions } from "../progress.js";
import { importBackup, rememberBefore } from "./import-backup.js";
import { verifyBackup } from "./verify-backup.js";

/** XIP-31 `loadMessageBackupFile`, for a file that the app has at hand. */
export async function loadBackupFile(
  context: EngineContext,
  source: BackupFileSource,
  options: LongCallOptions = {},
): Promise<ImportReport> {
  const { state } = context;
  const verified = await verifyBackup(context, source, options);
  const { fileDigest } = verified;
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
  });
  await state.update((draft) => {
    draft.fileImports = draft.fileImports.filter(
      (entry) => entry.fileDigest !== fileDigest,
    );
  });
  return report;
}
