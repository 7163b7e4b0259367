import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { CallGate } from "../call-gate.js";
import type { AccountFlow } from "./account-flow.js";
import type { BackupAccountFiles } from "./api.js";
import {
  confirmSaved,
  createFile,
  fetchAccountBudget,
  fetchUnfinishedFiles,
} from "./create-file.js";
import { installationAsMaker } from "./file-maker.js";
import { restoreFromFile } from "./restore-from-file.js";

/** The engine's part of the API around Backup Account Files. */
export function createAccountFiles(
  context: EngineContext,
  gate: CallGate,
  guardImport: <T>(work: () => Promise<T>) => Promise<T>,
): BackupAccountFiles {
  /** One at a time: two would each make an installation, or import the same rows at once. */
  let tail: Promise<unknown> = Promise.resolve();
  const oneByOne = <T>(work: () => Promise<T>): Promise<T> => {
    const next = tail.then(work, work);
    tail = next.catch(() => undefined);
    return next;
  };
  return {
    fetchAccountBudget: () =>
      gate.run({}, () =>
        fetchAccountBudget(flowOf(context), context.installation.inboxId),
      ),
    createBackupAccountFile: (options) =>
      gate.run(options, (bound) =>
        oneByOne(() => {
          const flow = flowOf(context);
          return createFile(flow, installationAsMaker(context, flow), bound);
        }),
      ),
    importFromBackupAccountFile: (options) =>
      gate.run(options, (bound) =>
        oneByOne(() =>
          guardImport(() => restoreFromFile(context, flowOf(context), bound)),
        ),
      ),
    confirmBackupAccountFileSaved: (installationId) =>
      gate.run({}, () => confirmSaved(context, installationId)),
    fetchUnfinishedBackupAccountFiles: () =>
      gate.run({}, () => fetchUnfinishedFiles(context)),
    listBackupInstallations: () =>
      gate.run({}, async () => [
        ...context.state.current().backupInstallations,
      ]),
  };
}

/** @throws {CarryoverError} `wrongState` on a platform that has no Backup Account Files */
function flowOf(context: EngineContext): AccountFlow {
  const { accountFiles, backupFile, clock, policy, randomBytes, scratch } =
    context;
  if (accountFiles === undefined)
    throw new CarryoverError(
      "wrongState",
      "Backup Account Files are not available here",
    );
  const { dormantInstallations, journal, lockRefreshes, scrypt } = accountFiles;
  return {
    dormantInstallations,
    accountFile: { ...backupFile, ...(scrypt && { scrypt }) },
    backupFile,
    ...(journal && { journal }),
    ...(lockRefreshes && { lockRefreshes }),
    clock,
    policy,
    randomBytes,
    scratch,
  };
}
