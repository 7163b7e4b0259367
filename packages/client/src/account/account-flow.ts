import type { AccountFilePorts } from "@carryover/account-file";
import type { BackupFilePorts } from "@carryover/backup-file";
import type { Policy } from "../policy.js";
import type { Clock, RandomBytes } from "../ports/clock.js";
import type { DormantInstallations } from "../ports/dormant-installations.js";
import type { Journal } from "../ports/journal.js";
import type { Scratch } from "../ports/scratch.js";

/** What every flow around a Backup Account File needs of the world. No installation of the account is among it. */
export interface AccountFlow {
  dormantInstallations: DormantInstallations;
  accountFile: AccountFilePorts;
  backupFile: BackupFilePorts;
  /** For the Message Backup File in between. */
  scratch: Scratch;
  /** Without it an interrupted refresh is taken for one of another copy. */
  journal?: Journal;
  /**
   * Lets one piece of work at a time write with a file's installation, and refuses others with `stateLocked`; without it
   * nobody is kept apart.
   */
  lockRefreshes?: (
    installationId: string,
  ) => Promise<{ release: () => Promise<void> }>;
  clock: Clock;
  randomBytes: RandomBytes;
  policy: Policy;
}
