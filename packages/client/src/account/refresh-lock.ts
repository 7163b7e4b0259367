import type { AccountFlow } from "./account-flow.js";

// Two refreshes of the same copy each leave a key package on the network. The last file in the place may have the private half
// of the other one, and would miss every new conversation without a sign of it.

/**
 * Waits for nobody.
 *
 * @returns what lets the next one through; can be called again
 * @throws {CarryoverError} `stateLocked` while another refresh runs
 */
export async function takeRefreshLock({
  lockRefreshes,
}: AccountFlow): Promise<() => Promise<void>> {
  const lock = await lockRefreshes?.();
  let releasing: Promise<void> | undefined;
  return async () => {
    await (releasing ??= lock?.release());
  };
}
