import { hkdfSync } from "node:crypto";
import { dirname, join } from "node:path";
import {
  type Carryover,
  CarryoverError,
  createEngine,
  type Policy,
} from "@carryover/client";
import { defaultAccountFileDirectory } from "./account/default-directory.js";
import { createDormantInstallations } from "./account/dormant-installations.js";
import { openJournal } from "./account/journal.js";
import { lockRefreshes } from "./account/lock-refreshes.js";
import { rememberingScrypt } from "./account/remembering-scrypt.js";
import { networkOf } from "./account/network-options.js";
import { createWorkPlaces } from "./account/work-places.js";
import { createNodePorts } from "./backup-file-node/node-ports.js";
import { createChannels } from "./channels.js";
import { systemClock, systemRandomBytes } from "./clock.js";
import {
  assertCodecIsRegistered,
  assertDeviceSyncIsSilent,
} from "./device-sync-guard.js";
import { createHistory } from "./history.js";
import { createInstallation } from "./installation.js";
import { makePrivateDirectory } from "./private-directory.js";
import { createScratch } from "./scratch.js";
import type { XmtpClient } from "./sdk-values.js";
import { createStateStore } from "./state-store.js";
import { createStorageProviderClient } from "./storage-provider-client.js";

/** What an app decides; see {@link Policy} for the rest. */
export interface CarryoverOptions extends Partial<Policy> {
  /**
   * Encrypts Carryover's own records at rest: 32 random bytes that the app keeps where it keeps the key of its XMTP
   * database, and not the same.
   */
  encryptionKey: Uint8Array;
  /**
   * Where Carryover keeps its records and temporary files, in a directory of its own for each installation. Default:
   * `carryover` beside the client's database.
   */
  directory?: string;
  /**
   * The `directory` of calls that work with Backup Account Files on their own, such as `refreshBackupAccountFile`: what both
   * do with the same file's installation is kept apart, and what one began and did not finish the other knows and deletes.
   * Without one, only the first holds, for calls without a `directory`.
   */
  accountFileDirectory?: string;
  /** API keys of storage services that ask for one, by origin. */
  storageApiKeys?: Readonly<Record<string, string>>;
  /**
   * Accepts a client whose own device sync gives the whole history to every installation that asks, unasked. Nothing that
   * Carryover does protects from that.
   */
  unsafelyKeepOfficialDeviceSync?: true;
}

/**
 * Makes Carryover ready for one installation. Nothing is sent or received before a method is called.
 *
 * ```ts
 * const client = await Client.create(signer, { dbEncryptionKey, ...carryoverClientOptions() });
 * const carryover = await createCarryover(client, {
 *   encryptionKey,
 *   allowedStorageOrigins: ["https://backups.example.org"],
 * });
 * ```
 *
 * @param client - of `@xmtp/node-sdk`, registered, made with the options of {@link carryoverClientOptions}
 * @throws {CarryoverError} `deviceSyncAnswers`, `codecMissing`, `invalidOption`, `wrongState` (not registered),
 * `stateLocked`, `stateUnreadable`, `diskError`
 */
export async function createCarryover(
  client: XmtpClient,
  options: CarryoverOptions,
): Promise<Carryover> {
  const {
    encryptionKey,
    directory = defaultDirectory(client),
    accountFileDirectory,
    storageApiKeys,
    unsafelyKeepOfficialDeviceSync,
    ...policy
  } = options;
  if (unsafelyKeepOfficialDeviceSync !== true) assertDeviceSyncIsSilent(client);
  assertCodecIsRegistered(client);
  if (!(encryptionKey instanceof Uint8Array) || encryptionKey.length !== 32)
    throw new CarryoverError(
      "invalidOption",
      "encryptionKey: must be 32 bytes",
    );
  if (!client.isRegistered)
    throw new CarryoverError("wrongState", "the client is not registered");

  const installation = createInstallation(client);
  const own = join(directory, installation.installationId);
  await makePrivateDirectory(own);
  const stateStore = await createStateStore({
    directory: join(own, "state"),
    encryptionKey,
    installationId: installation.installationId,
  });
  try {
    // From here on the lock is ours: nobody else uses what is swept.
    return await createEngine(
      {
        installation,
        channels: createChannels(client, systemClock),
        history: await createHistory(client, {
          directory: join(own, "archives"),
          clock: systemClock,
          randomBytes: systemRandomBytes,
        }),
        stateStore,
        scratch: await createScratch(join(own, "scratch")),
        storageProvider: createStorageProviderClient({
          uploadSecret: deriveUploadSecret(encryptionKey),
          installation,
          ...(storageApiKeys && { apiKeys: storageApiKeys }),
        }),
        clock: systemClock,
        randomBytes: systemRandomBytes,
        backupFile: createNodePorts(),
        accountFiles: {
          dormantInstallations: createDormantInstallations({
            observer: client,
            network: networkOf(client),
            workPlaces: await createWorkPlaces(
              accountFileDirectory ?? join(own, "dormant"),
            ),
            clock: systemClock,
            randomBytes: systemRandomBytes,
          }),
          scrypt: rememberingScrypt,
          // Temporary files may not outlive a restart of the machine: without a place of the app's choice, notes do not go there.
          journal: await openJournal(
            join(accountFileDirectory ?? own, "notes"),
          ),
          lockRefreshes: (installationId) =>
            lockRefreshes(
              accountFileDirectory ?? defaultAccountFileDirectory(),
              installationId,
            ),
        },
      },
      policy,
    );
  } catch (error) {
    await stateStore.close();
    throw error;
  }
}

function defaultDirectory(client: XmtpClient): string {
  const dbPath = client.options?.dbPath;
  if (typeof dbPath !== "string")
    throw new CarryoverError(
      "invalidOption",
      "directory: must be given, since the client's options do not say where its database is",
    );
  return join(dirname(dbPath), "carryover");
}

function deriveUploadSecret(encryptionKey: Uint8Array): Uint8Array {
  return new Uint8Array(
    hkdfSync("sha256", encryptionKey, "", "carryover upload secret v1", 32),
  );
}
