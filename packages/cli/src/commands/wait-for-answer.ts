import type { Carryover, OutboundRequest } from "@carryover/client";

/**
 * Waits until one of the requests can be applied, or none of them is pending any more.
 *
 * @returns the requests as they then are
 * @throws the signal's reason when it aborts
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
  const isSettled = (requests: readonly OutboundRequest[]) =>
    requests.some(({ step }) => step === "responseReceived") ||
    requests.every(({ status }) => status !== "Pending");

  let wake = (): void => undefined;
  // Listening starts before the first look: nothing falls between them.
  const unsubscribe = carryover.subscribe(() => {
    wake();
  });
  const onAbort = () => {
    wake();
  };
  signal.addEventListener("abort", onAbort);
  try {
    await carryover.start();
    for (;;) {
      signal.throwIfAborted();
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const requests = await look();
      if (isSettled(requests)) return requests;
      await changed;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", onAbort);
  }
}
