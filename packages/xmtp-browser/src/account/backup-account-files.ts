import {
  type AccountBudget,
  type AccountFilePlace,
  type AccountFlow,
  type BackupAccountFileSession,
  createAccountFlow,
  createEngine,
  type CreatedBackupAccountFile,
  confirmSavedOfWallet,
  createFileFromWallet,
  type CreateFromWalletOptions,
  fetchBudgetOf,
  fetchUnfinishedFromWallet,
  hasUnfinishedNotes,
  inspectFile,
  type InspectedBackupAccountFile,
  openForRequests,
  type OpenForRequestsOptions,
  type Policy,
  refreshFile,
  type RefreshBackupAccountFileOptions,
  type RefreshReport,
  type RestoredArchive,
  restoreToArchive,
  type RestoreToArchiveOptions,
  revokeFile,
  type RevokeBackupAccountFileOptions,
  type RevokeReport,
  type SecretChoice,
  verifyFile,
  type VerifyBackupAccountFileOptions,
  type UnfinishedFileFromWallet,
  type VerifyReport,
  type WhichAccount,
} from "@carryover/client";
import { createPortablePorts } from "@carryover/backup-file";
import { systemClock, systemRandomBytes } from "../clock.js";
import { createOwnKeys } from "../own-database.js";
import { createMemoryFiles } from "../private-files/memory-files.js";
import { createScratch } from "../scratch.js";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { createDormantInstallations } from "./dormant-installations.js";
import { openJournal } from "./journal.js";
import { lockRefreshes } from "./lock-refreshes.js";
import { assertNetworkIsKnown, type XmtpNetwork } from "./network-options.js";
import { openObserver } from "./observer.js";

/**
 * What every function here takes that works without an installation of the account. Databases and temporary files are in
 * memory: when a call or the page ends, nothing of them is left in the browser.
 */
export interface AccountFileWorkOptions {
  /** Which XMTP network: as for `Client.create`. */
  network: XmtpNetwork;
  /** Anything of the policy that should not be as usual. */
  policy?: Partial<Policy>;
}

/** How {@link openBackupAccountFileForRequests} speaks to storage services. */
export interface AnsweringOptions {
  /** API keys of storage services that ask for one, by origin. Anybody who has the page has them too. */
  storageApiKeys?: Readonly<Record<string, string>>;
}

/**
 * Says what a file needs to be opened, and with the secret also what it is. No network, nothing is written.
 *
 * @throws {CarryoverError} `accountFileNotFound`, `diskError`, `walletRefused`
 * @throws {AccountFileError} for a file that is none, or does not open
 */
export async function inspectBackupAccountFile(options: {
  file: AccountFilePlace;
  secret?: SecretChoice;
  signal?: AbortSignal;
}): Promise<InspectedBackupAccountFile> {
  return await inspectFile(
    { accountFile: createPortablePorts(), clock: systemClock },
    options,
  );
}

/**
 * How much of an account's budget is used. Show it to a person before a file is made.
 *
 * @throws {CarryoverError} `accountNotFound`, `invalidOption`, `networkUnavailable`
 */
export async function fetchAccountBudget(
  options: WhichAccount & AccountFileWorkOptions,
): Promise<AccountBudget> {
  return await withFlow(options, (flow) => fetchBudgetOf(flow, options));
}

/**
 * XIP-31 `createBackupAccountFile` with the wallet alone, where no installation of the account is open. The file holds what
 * comes from now on, in new conversations at once; in those that exist from when a member, or another installation of the
 * account, next writes there. `Carryover.createBackupAccountFile` does better where it can be called.
 *
 * With `createAccountFileDownload` the file is in memory then: let the person save it, and call
 * {@link confirmBackupAccountFileSaved}.
 *
 * @throws {CarryoverError} `accountNotFound`, `accountBudgetLow`, `accountFileExists`, `walletRefused`,
 * `networkUnavailable`, …; with an `installationId` the error says that an installation is registered which no file holds:
 * offer `revokeBackupAccountFile` for it
 * @throws {AccountFileError} `passphraseInvalid`, `walletNotDeterministic`, …, before anything is registered
 */
export async function createBackupAccountFile(
  options: CreateFromWalletOptions & AccountFileWorkOptions,
): Promise<CreatedBackupAccountFile> {
  return await withFlow(options, (flow) => createFileFromWallet(flow, options));
}

/**
 * Says that a person has the file that `createBackupAccountFile` of this package made in memory: call it as soon as the
 * download was begun, or the file was written where the person said. Until then `fetchUnfinishedBackupAccountFiles` tells of
 * it, so that a page that dies leaves nothing behind in silence. Changes nothing for a file that was never made, and can be
 * called again. No network.
 *
 * @param options.installationId - of the file's summary
 * @throws {CarryoverError} `diskError`
 */
export async function confirmBackupAccountFileSaved({
  installationId,
}: {
  installationId: string;
}): Promise<void> {
  const journal = await openJournal();
  if (journal !== undefined)
    await confirmSavedOfWallet(journal, installationId);
}

/**
 * Installations that an interrupted `createBackupAccountFile` of this package has registered in this browser, and those whose
 * file nobody said was saved: they get every message of the account, perhaps for nobody. Offer `revokeBackupAccountFile` for
 * each, in the words that its `file` asks for. `clearCarryoverStorage` removes the notes, unless it is told to keep them.
 *
 * @throws {CarryoverError} `networkUnavailable`
 */
export async function fetchUnfinishedBackupAccountFiles(
  options: AccountFileWorkOptions,
): Promise<UnfinishedFileFromWallet[]> {
  // Most visits have nothing to ask the network for.
  const journal = await openJournal();
  if (journal === undefined || !(await hasUnfinishedNotes(journal))) return [];
  return await withFlow(options, (flow) => fetchUnfinishedFromWallet(flow));
}

/**
 * Brings a file in step with the network, renews its key package where that is due, and replaces it by the newer one.
 *
 * @throws {CarryoverError} `accountFileOlderCopy`, `accountFileRevoked`, `protectionRequired`, `networkUnavailable`, …
 * @throws {AccountFileError} for a file that does not open
 */
export async function refreshBackupAccountFile(
  options: RefreshBackupAccountFileOptions & AccountFileWorkOptions,
): Promise<RefreshReport> {
  return await withFlow(options, (flow) => refreshFile(flow, options));
}

/**
 * The restore drill: does everything that a restore does, in a throw-away place, and says what would be recovered.
 *
 * @throws {CarryoverError} `accountFileRevoked`, `networkUnavailable`, …
 * @throws {AccountFileError} for a file that does not open
 */
export async function verifyBackupAccountFile(
  options: VerifyBackupAccountFileOptions & AccountFileWorkOptions,
): Promise<VerifyReport> {
  return await withFlow(options, (flow) => verifyFile(flow, options));
}

/**
 * Takes a file's installation out of the account: all copies of the file become useless. Needs the wallet, and the file
 * with its secret or what was noted of it.
 *
 * @throws {CarryoverError} `walletRefused`, `walletOfAnotherAccount`, `networkUnavailable`, …
 */
export async function revokeBackupAccountFile(
  options: RevokeBackupAccountFileOptions & AccountFileWorkOptions,
): Promise<RevokeReport> {
  return await withFlow(options, (flow) => revokeFile(flow, options));
}

/**
 * XIP-31, "Restoring from a Backup Account File directly", into an XMTP archive instead of an open installation: for an app
 * that imports one. Nothing on the network is changed, and the file can be used again.
 *
 * @returns what must be disposed of: that deletes everything of it here
 * @throws {CarryoverError} `accountFileRevoked`, `networkUnavailable`, `exportFailed`, …
 * @throws {AccountFileError} for a file that does not open
 */
export async function restoreBackupAccountFileToArchive(
  options: RestoreToArchiveOptions & AccountFileWorkOptions,
): Promise<RestoredArchive> {
  return await withFlow(options, (flow) => restoreToArchive(flow, options));
}

/**
 * Opens a file to answer requests with it (XIP-31, "Converting a Backup Account File to a Remote Message Backup"). A
 * request reaches it when the asking installation asks `devicesAndBackupAccountFiles`, or knows nothing of its role.
 *
 * `policy.allowedStorageOrigins` says where history may be uploaded to.
 *
 * @returns a session that must be closed: that deletes everything of it here
 * @throws {CarryoverError} `accountFileRevoked`, `networkUnavailable`, …
 * @throws {AccountFileError} for a file that does not open
 */
export async function openBackupAccountFileForRequests(
  options: OpenForRequestsOptions & AccountFileWorkOptions & AnsweringOptions,
): Promise<BackupAccountFileSession> {
  const { storageApiKeys } = options;
  const { upload } = await createOwnKeys();
  const { flow, close } = await openFlow(options);
  try {
    const session = await openForRequests(
      flow,
      {
        createEngine,
        createStorageProvider: ({ installation }) =>
          createStorageProviderClient({
            uploadKey: upload,
            files: createMemoryFiles(),
            installation,
            ...(storageApiKeys && { apiKeys: storageApiKeys }),
          }),
      },
      options,
    );
    return {
      ...session,
      close: async () => {
        try {
          return await session.close();
        } finally {
          close();
        }
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function withFlow<T>(
  options: AccountFileWorkOptions,
  work: (flow: AccountFlow) => Promise<T>,
): Promise<T> {
  const { flow, close } = await openFlow(options);
  try {
    return await work(flow);
  } finally {
    close();
  }
}

async function openFlow({ network, policy }: AccountFileWorkOptions): Promise<{
  flow: AccountFlow;
  close: () => void;
}> {
  assertNetworkIsKnown(network);
  const clock = systemClock;
  const randomBytes = systemRandomBytes;
  const journal = await openJournal();
  const observer = await openObserver(network);
  try {
    return {
      flow: createAccountFlow(
        {
          dormantInstallations: createDormantInstallations({
            observer,
            network,
            clock,
            randomBytes,
          }),
          scratch: createScratch(createMemoryFiles()),
          ...(journal && { journal }),
          lockRefreshes,
          clock,
          randomBytes,
        },
        policy,
      ),
      close: () => observer.close(),
    };
  } catch (error) {
    observer.close();
    throw error;
  }
}
