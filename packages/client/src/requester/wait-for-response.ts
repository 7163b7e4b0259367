import { CarryoverError, type CarryoverErrorCode } from "../errors.js";
import type { CarryoverEvent, OutboundRequest } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { requireOutbound, viewOutbound } from "./outbound-records.js";

/** What waiting needs of the engine. */
export interface WaitActivities {
  subscribe: (listener: (event: CarryoverEvent) => void) => () => void;
  /** Begins to listen, unless that is under way. */
  start: () => void;
}

/**
 * Waits until the first of the requests has a response to apply.
 *
 * @throws {CarryoverError} what closed the last of them when none is pending any more: `declined`, `requestExpired`, …;
 * `requestNotFound`; `aborted`; and what ended the listening, when that ends for good
 */
export async function waitForResponse(
  context: EngineContext,
  requestIds: readonly string[],
  signal: AbortSignal,
  { subscribe, start }: WaitActivities,
): Promise<OutboundRequest> {
  const look = () =>
    requestIds.map((id) =>
      viewOutbound(requireOutbound(context.state.current(), id)),
    );
  let wake = (): void => undefined;
  let stopped: CarryoverError | undefined;
  // Listening starts before the first look: nothing falls between them.
  const unsubscribe = subscribe((event) => {
    if (event.kind === "listeningStopped") stopped = event.error;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  try {
    start();
    for (;;) {
      signal.throwIfAborted();
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const requests = look();
      const ready = requests.find(canBeApplied);
      if (ready !== undefined) return ready;
      if (requests.every(({ status }) => status !== "Pending"))
        throw whyNone(requests);
      // Nothing would ever come any more.
      if (stopped !== undefined) throw stopped;
      await changed;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Also one whose applying an interruption left half done. */
const canBeApplied = ({ step }: OutboundRequest) =>
  step === "responseReceived" || step === "downloading" || step === "importing";

function whyNone(requests: readonly OutboundRequest[]): CarryoverError {
  const codes = requests.map(({ status, failure }) => {
    if (status === "Applied") return "wrongState";
    if (status === "Declined") return "declined";
    return failure?.code ?? "requestExpired";
  });
  // What a person did tells more than that the other devices never answered.
  const [code = "requestNotFound"] = codes.sort((a, b) => rank(a) - rank(b));
  return new CarryoverError(code, "no response can come any more");
}

const rank = (code: CarryoverErrorCode) =>
  ["wrongState", "declined"].includes(code)
    ? 0
    : code === "requestExpired"
      ? 2
      : 1;
