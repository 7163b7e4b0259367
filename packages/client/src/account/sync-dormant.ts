import type { History } from "../ports/history.js";
import type { LongCallOptions } from "../progress.js";

/**
 * XIP-31, "Restoring from a Backup Account File directly" 3: "download all messages stored on the network", in conversations
 * of every consent.
 *
 * @throws {CarryoverError} `networkUnavailable`
 */
export async function syncDormant(
  history: Pick<History, "sync">,
  { signal, onProgress }: LongCallOptions,
): Promise<void> {
  signal?.throwIfAborted();
  onProgress?.({ phase: "syncing" });
  await history.sync();
  signal?.throwIfAborted();
}
