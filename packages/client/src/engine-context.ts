import type { AccountFlow } from "./account/account-flow.js";
import type { AccountFilePorts } from "@carryover/account-file";
import type { BackupFilePorts } from "@carryover/backup-file";
import type { CarryoverEvent } from "./api.js";
import type { Policy } from "./policy.js";
import type { Channels } from "./ports/channels.js";
import type { Clock, RandomBytes } from "./ports/clock.js";
import type { DormantInstallations } from "./ports/dormant-installations.js";
import type { History } from "./ports/history.js";
import type { Installation } from "./ports/installation.js";
import type { Scratch } from "./ports/scratch.js";
import type { StateStore } from "./ports/state-store.js";
import type { StorageProviderClient } from "./ports/storage-provider-client.js";
import type { StateRepository } from "./state/state-repository.js";

/** Everything that the engine needs of the world. */
export interface EnginePorts {
  installation: Installation;
  channels: Channels;
  history: History;
  stateStore: StateStore;
  scratch: Scratch;
  storageProvider: StorageProviderClient;
  clock: Clock;
  randomBytes: RandomBytes;
  backupFile: BackupFilePorts;
  /** Absent where there are no Backup Account Files. */
  accountFiles?: AccountFileEnginePorts;
}

/** What Backup Account Files need beside the rest. */
export interface AccountFileEnginePorts {
  dormantInstallations: DormantInstallations;
  /** The platform's own; portable unless given. */
  scrypt?: AccountFilePorts["scrypt"];
  /** As `AccountFlow.journal`. */
  journal?: AccountFlow["journal"];
  /** As `AccountFlow.lockRefreshes`. */
  lockRefreshes?: AccountFlow["lockRefreshes"];
}

/** What the parts of the engine share. */
export interface EngineContext extends Omit<EnginePorts, "stateStore"> {
  policy: Policy;
  state: StateRepository;
  emit(event: CarryoverEvent): void;
}
