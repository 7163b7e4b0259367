import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { OpenDormantInstallation } from "../ports/dormant-installations.js";
import type { StateStore } from "../ports/state-store.js";
import type { StorageProviderClient } from "../ports/storage-provider-client.js";
import { openStateRepository } from "../state/state-repository.js";
import type { AccountFlow } from "./account-flow.js";

/** Records that are gone with the process: of an installation that lives for minutes, nothing is to be left. */
export function createPassingStateStore(): StateStore {
  let record: Uint8Array | undefined;
  return {
    load: async () => record,
    save: async (next) => {
      record = next;
    },
    close: async () => undefined,
  };
}

/** The parts of the engine for a temporary installation, with no storage service and no memory beyond this call. */
export async function createDormantContext(
  { scratch, clock, randomBytes, backupFile, policy }: AccountFlow,
  { installation, channels, history }: OpenDormantInstallation,
): Promise<EngineContext> {
  return {
    installation,
    channels,
    history,
    scratch,
    storageProvider: noStorageProvider,
    clock,
    randomBytes,
    backupFile,
    policy,
    state: await openStateRepository(createPassingStateStore()),
    emit: () => undefined,
  };
}

const refuse = async (): Promise<never> => {
  throw new CarryoverError("wrongState", "no storage service is used here");
};

const noStorageProvider: StorageProviderClient = {
  obtainUploadAuthorization: refuse,
  upload: refuse,
  findUpload: refuse,
  download: refuse,
  deleteBackup: refuse,
};
