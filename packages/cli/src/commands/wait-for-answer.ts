import type { Carryover, OutboundRequest } from "@carryover/client";

/**
 * Waits until one of the requests can be applied, or none of them is pending any more.
 *
 * @returns the requests as they then are
 * @throws when the signal aborts, and what ended the listening when that ends for good
 */
export async function waitForAnswer(
  carryover: Carryover,
  requestIds: readonly string[],
  signal: AbortSignal,
): Promise<OutboundRequest[]> {
  const look = async (): Promise<OutboundRequest[]> =>
    Promise.all(
      requestIds.map((id) =>
        carryover.getRemoteMessageHistoryBackupRequestStatus(id),
      ),
    );
  try {
    await carryover.waitForRemoteMessageHistoryBackup(requestIds, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const requests = await look();
    // What became of each is told by the caller.
    if (requests.some(({ status }) => status === "Pending")) throw error;
    return requests;
  }
  return look();
}
