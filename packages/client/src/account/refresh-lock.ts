import type { AccountFilePlace } from "../ports/account-file-place.js";
import { CarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { AccountFlow } from "./account-flow.js";

// Two refreshes of the same copy each leave a key package on the network. The last file in the place may have the private half
// of the other one, and would miss every new conversation without a sign of it. And what two copies write into the same group
// at once, readers cannot tell apart: one of the two is lost. So there is one lock for all that writes, of the installation,
// wherever the copies of its file are. Which installation that is the file says once it is open.

/** Keeps everybody else from writing with a file's installation. */
export interface InstallationLock {
  /** Takes it, once it is known whose; what is held already stays so. @throws {CarryoverError} `stateLocked` */
  readonly take: (installationId: string) => Promise<void>;
  /** Lets the next one through, if it was taken. Can be called again. */
  readonly release: () => Promise<void>;
}

/**
 * Prepares to lock the installation of a file that is about to be opened. Waits for nobody: who comes second is refused, also
 * when the first one has replaced the file since it was opened here.
 */
export async function prepareLock(
  { lockRefreshes }: AccountFlow,
  file: AccountFilePlace,
): Promise<InstallationLock> {
  if (lockRefreshes === undefined)
    return { take: async () => undefined, release: async () => undefined };
  const before = await startOf(file);
  let lock: { release: () => Promise<void> } | undefined;
  let releasing: Promise<void> | undefined;
  const release = async () => {
    await (releasing ??= lock?.release());
  };
  return {
    take: async (installationId) => {
      if (lock !== undefined) return;
      lock = await lockRefreshes(installationId);
      try {
        if ((await startOf(file)) === before) return;
      } catch (error) {
        await release();
        throw error;
      }
      await release();
      throw new CarryoverError(
        "stateLocked",
        "the Backup Account File was replaced by a newer one while it was opened",
      );
    },
    release,
  };
}

/** Each copy is encrypted with a key of its own: no two have the same first bytes. */
const startBytes = 1024;

async function startOf(file: AccountFilePlace): Promise<string> {
  const reader = (await file.open()).getReader();
  let start = "";
  try {
    while (start.length < 2 * startBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      start += toHex(value.subarray(0, startBytes));
    }
    return start.slice(0, 2 * startBytes);
  } finally {
    await reader.cancel();
  }
}
