import type { Carryover, InboundRequest } from "@carryover/client";
import { CliError } from "../cli-error.js";

const deadlineMs = 20_000;

/** A signal that also aborts when the demo has waited too long for one thing. */
export function withDeadline(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
}

/** Waits for the request to reach the other phone, where listening is under way. */
export async function nextInboundRequest(
  carryover: Carryover,
  requestId: string,
  signal: AbortSignal,
): Promise<InboundRequest> {
  const limited = withDeadline(signal);
  return new Promise<InboundRequest>((resolve, reject) => {
    const unsubscribe = carryover.subscribe((event) => {
      if (
        event.kind === "inboundRequest" &&
        event.request.requestId === requestId
      )
        settle(() => {
          resolve(event.request);
        });
    });
    const settle = (outcome: () => void) => {
      unsubscribe();
      limited.removeEventListener("abort", onAbort);
      outcome();
    };
    const onAbort = () => {
      settle(() => {
        reject(
          signal.aborted
            ? (signal.reason as Error)
            : tooLate("the request did not reach the old phone"),
        );
      });
    };
    limited.addEventListener("abort", onAbort);
    // It may have come before anybody listened here.
    carryover.listInboundBackupRequests().then((requests) => {
      const here = requests.find((request) => request.requestId === requestId);
      if (here !== undefined)
        settle(() => {
          resolve(here);
        });
    }, reject);
    if (limited.aborted) onAbort();
  });
}

/**
 * Repeats a look until it finds something.
 *
 * @param missing - what to say when it never does
 */
export async function eventually<Found>(
  look: () => Promise<Found | undefined>,
  signal: AbortSignal,
  missing: string,
): Promise<Found> {
  const limited = withDeadline(signal);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    signal.throwIfAborted();
    if (limited.aborted) throw tooLate(missing);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function tooLate(what: string): CliError {
  return new CliError(
    "proofFailed",
    `${what} within ${deadlineMs / 1_000} seconds`,
    "The demo's own network and files are gone; nothing else was touched. Run it again, and report it if it comes back.",
  );
}
