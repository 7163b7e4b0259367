import { join } from "node:path";
import { randomBytes as nodeRandomBytes } from "node:crypto";
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
import { Client } from "@xmtp/node-sdk";
import { createNodePorts } from "../backup-file-node/node-ports.js";
import { systemClock, systemRandomBytes } from "../clock.js";
import { libraryCall } from "../library-call.js";
import { createScratch } from "../scratch.js";
import type { XmtpClient } from "../sdk-values.js";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { defaultAccountFileDirectory } from "./default-directory.js";
import { createDormantInstallations } from "./dormant-installations.js";
import { openJournal } from "./journal.js";
import { lockRefreshes } from "./lock-refreshes.js";
import { rememberingScrypt } from "./remembering-scrypt.js";
import type { XmtpNetwork } from "./network-options.js";
import { createWorkPlaces } from "./work-places.js";

/** What every function here takes that works without an installation of the account. */
export interface AccountFileWorkOptions {
  /** Which XMTP network: as for `Client.create`. */
  network: XmtpNetwork;
  /**
   * For temporary databases, which are not encrypted while a call runs and gone when it ends, also when it is killed: a
   * helper process then deletes them. Where that cannot be (the power fails, or it is Windows), the next call with the same
   * directory does. Calls with the same directory, and a `Carryover` whose `accountFileDirectory` it is, are kept from
   * writing with one file's installation at the same time. Default: one of the user's own among the system's temporary files.
   */
  directory?: string;
  /** Anything of the policy that should not be as usual. */
  policy?: Partial<Policy>;
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
    { accountFile: accountFilePorts(), clock: systemClock },
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
 * Says that a person has the file that `createBackupAccountFile` of this package made at a place that lasts `untilSaved`: one
 * of your own, `accountFileAt` is none. Until then `fetchUnfinishedBackupAccountFiles` tells of it. Changes nothing for a file
 * that was never made, and can be called again. No network.
 *
 * @param options.installationId - of the file's summary
 * @param options.directory - as it was made with
 * @throws {CarryoverError} `diskError`
 */
export async function confirmBackupAccountFileSaved({
  installationId,
  directory = defaultAccountFileDirectory(),
}: Pick<AccountFileWorkOptions, "directory"> & {
  installationId: string;
}): Promise<void> {
  await confirmSavedOfWallet(await openNotes(directory), installationId);
}

/**
 * Installations that an interrupted `createBackupAccountFile` of this package has registered with the same directory, and
 * those whose file nobody said was saved: they get every message of the account, perhaps for nobody. Offer
 * `revokeBackupAccountFile` for each, in the words that its `file` asks for.
 *
 * @throws {CarryoverError} `networkUnavailable`
 */
export async function fetchUnfinishedBackupAccountFiles(
  options: AccountFileWorkOptions,
): Promise<UnfinishedFileFromWallet[]> {
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
  const { flow, close } = await openFlow(options);
  try {
    const restored = await restoreToArchive(flow, options);
    let disposing: Promise<void> | undefined;
    return {
      ...restored,
      dispose: () =>
        (disposing ??= (async () => {
          try {
            await restored.dispose();
          } finally {
            await close();
          }
        })()),
    };
  } catch (error) {
    await close();
    throw error;
  }
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
  options: OpenForRequestsOptions & AccountFileWorkOptions,
): Promise<BackupAccountFileSession> {
  const { flow, close } = await openFlow(options);
  try {
    const session = await openForRequests(
      flow,
      {
        createEngine,
        createStorageProvider: ({ installation }) =>
          createStorageProviderClient({
            uploadSecret: new Uint8Array(nodeRandomBytes(32)),
            installation,
          }),
      },
      options,
    );
    let closing: ReturnType<BackupAccountFileSession["close"]> | undefined;
    return {
      ...session,
      close: () =>
        (closing ??= (async () => {
          try {
            return await session.close();
          } finally {
            await close();
          }
        })()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The container's heavy work by OpenSSL and zlib. */
function accountFilePorts() {
  return { ...createNodePorts(), scrypt: rememberingScrypt };
}

async function withFlow<T>(
  options: AccountFileWorkOptions,
  work: (flow: AccountFlow) => Promise<T>,
): Promise<T> {
  const { flow, close } = await openFlow(options);
  try {
    return await work(flow);
  } finally {
    await close();
  }
}

async function openFlow({
  network,
  directory = defaultAccountFileDirectory(),
  policy,
}: AccountFileWorkOptions): Promise<{
  flow: AccountFlow;
  close: () => Promise<void>;
}> {
  const workPlaces = await createWorkPlaces(directory);
  const place = await workPlaces.take();
  try {
    const observer = await createObserver(network);
    const close = async () => {
      await observer.close();
      await place.release();
    };
    const clock = systemClock;
    const randomBytes = systemRandomBytes;
    return {
      flow: createAccountFlow(
        {
          dormantInstallations: createDormantInstallations({
            observer,
            network,
            workPlaces,
            clock,
            randomBytes,
          }),
          accountFile: accountFilePorts(),
          backupFile: createNodePorts(),
          scratch: await createScratch(join(place.path, "scratch")),
          journal: await openNotes(directory),
          lockRefreshes: (installationId) =>
            lockRefreshes(directory, installationId),
          clock,
          randomBytes,
        },
        policy,
      ),
      close,
    };
  } catch (error) {
    await place.release();
    throw error;
  }
}

const openNotes = (directory: string) => openJournal(join(directory, "notes"));

/** A client of nobody, in memory, that asks the network about others. */
async function createObserver(network: XmtpNetwork): Promise<XmtpClient> {
  const identifier = `0x${nodeRandomBytes(20).toString("hex")}`;
  return await libraryCall(
    "the network could not be reached",
    () =>
      Client.build(
        { identifier, identifierKind: 0 },
        { ...network, dbPath: null, disableDeviceSync: true },
      ) as Promise<XmtpClient>,
  );
}
