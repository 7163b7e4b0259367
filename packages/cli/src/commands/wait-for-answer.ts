import type {
  Carryover,
  CarryoverError,
  OutboundRequest,
} from "@carryover/client";

/**
 * Waits until one of the requests can be applied, or none of them is pending any more.
 *
 * @returns the requests as they then are
 * @throws the signal's reason when it aborts, and what ended the listening when that ends for good
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
  let stopped: CarryoverError | undefined;
  const unsubscribe = carryover.subscribe((event) => {
    if (event.kind === "listeningStopped") stopped = event.error;
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
      // Nothing would ever come any more.
      if (stopped !== undefined) throw stopped;
      await changed;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", onAbort);
  }
}
