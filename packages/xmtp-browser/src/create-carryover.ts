import {
  type Carryover,
  CarryoverError,
  createEngine,
  type EnginePorts,
  type Policy,
} from "@carryover/client";
import { createPortablePorts } from "@carryover/backup-file";
import { assertCodecIsRegistered, isRegistered } from "@carryover/xmtp-shared";
import { createDormantInstallations } from "./account/dormant-installations.js";
import { isNetworkKnown, networkOf } from "./account/network-options.js";
import { openJournal } from "./account/journal.js";
import { lockRefreshes } from "./account/lock-refreshes.js";
import { createChannels } from "./channels.js";
import { systemClock, systemRandomBytes } from "./clock.js";
import { assertDeviceSyncIsSilent } from "./device-sync-guard.js";
import { createHistory } from "./history.js";
import { createInstallation } from "./installation.js";
import { type Keeping, openOwnPlace } from "./own-place.js";
import type { XmtpClient } from "./sdk-values.js";
import { createStorageProviderClient } from "./storage-provider-client.js";

/** What an app decides; see {@link Policy} for the rest. */
export interface CarryoverOptions extends Partial<Policy> {
  /**
   * Whether Carryover's own records and temporary files outlive the page, in IndexedDB and the origin private file system.
   * `inMemory` suits a client whose database is in memory too. Default `untilCleared`.
   */
  keep?: Keeping;
  /** API keys of storage services that ask for one, by origin. Anybody who has the page has them too. */
  storageApiKeys?: Readonly<Record<string, string>>;
  /** Largest Message Backup File that is written down to be sent, bytes; 4 GiB unless told. */
  maxUploadBytes?: number;
  /**
   * Accepts a client whose own device sync gives the whole history to every installation that asks, unasked. Nothing that
   * Carryover does protects from that.
   */
  unsafelyKeepOfficialDeviceSync?: true;
}

/** Carryover in a browser. */
export interface BrowserCarryover extends Carryover {
  /** Closes it, and removes everything of Carryover's own that this browser keeps for the installation. */
  clear(): Promise<void>;
}

/**
 * Makes Carryover ready for one installation. Nothing is sent or received before a method is called. Records are sealed with
 * a key that stays inside the browser and cannot be taken out; they belong to one tab at a time.
 *
 * A page cannot see what address a name leads to: unlike on Node, private address space is kept out by
 * `allowedStorageOrigins` alone. An archive is in memory whole while this installation answers a request.
 *
 * ```ts
 * const client = await Client.create(signer, { ...carryoverClientOptions() });
 * const carryover = await createCarryover(client, {
 *   allowedStorageOrigins: ["https://backups.example.org"],
 * });
 * ```
 *
 * @param client - of `@xmtp/browser-sdk`, registered, made with the options of {@link carryoverClientOptions}
 * @throws {CarryoverError} `deviceSyncAnswers`, `codecMissing`, `invalidOption`, `wrongState` (not registered),
 * `stateLocked` (another tab has it), `stateUnreadable`, `diskError`
 */
export async function createCarryover(
  client: XmtpClient,
  options: CarryoverOptions,
): Promise<BrowserCarryover> {
  const {
    keep = "untilCleared",
    storageApiKeys,
    maxUploadBytes,
    unsafelyKeepOfficialDeviceSync,
    ...policy
  } = options;
  if (unsafelyKeepOfficialDeviceSync !== true) assertDeviceSyncIsSilent(client);
  assertCodecIsRegistered(client);
  if (keep !== "untilCleared" && keep !== "inMemory")
    throw new CarryoverError(
      "invalidOption",
      "keep: must be untilCleared or inMemory",
    );
  if (!(await isRegistered(client)))
    throw new CarryoverError("wrongState", "the client is not registered");

  const installation = createInstallation(client);
  const place = await openOwnPlace(
    installation.installationId,
    keep,
    systemRandomBytes,
  );
  try {
    // From here on the lock is ours: nobody else uses what is swept.
    const engine = await createEngine(
      {
        installation,
        channels: createChannels(client, systemClock),
        history: createHistory(client, {
          clock: systemClock,
          randomBytes: systemRandomBytes,
        }),
        stateStore: place.stateStore,
        scratch: place.scratch,
        storageProvider: createStorageProviderClient({
          uploadKey: place.uploadKey,
          files: place.uploads,
          installation,
          ...(storageApiKeys && { apiKeys: storageApiKeys }),
          ...(maxUploadBytes !== undefined && { maxUploadBytes }),
        }),
        clock: systemClock,
        randomBytes: systemRandomBytes,
        backupFile: createPortablePorts(),
        ...(await accountFilesOf(client)),
      },
      policy,
    );
    return {
      ...engine,
      clear: async () => {
        await engine.close();
        await place.remove();
      },
    };
  } catch (error) {
    await place.stateStore.close();
    throw error;
  }
}

/** Nothing on a network whose calls are not known: there the calls around Backup Account Files say so. */
async function accountFilesOf(
  client: XmtpClient,
): Promise<Pick<EnginePorts, "accountFiles">> {
  const network = networkOf(client);
  if (network === undefined || !isNetworkKnown(network)) return {};
  const journal = await openJournal();
  return {
    accountFiles: {
      dormantInstallations: createDormantInstallations({
        observer: client,
        network,
        clock: systemClock,
        randomBytes: systemRandomBytes,
      }),
      ...(journal && { journal }),
      lockRefreshes,
    },
  };
}
