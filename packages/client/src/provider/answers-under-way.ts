import type { RequestId } from "@carryover/protocol";
import type { ResponseReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { LongCallOptions } from "../progress.js";
import { createSingleFlight } from "../single-flight.js";
import { finishApproved } from "./finish-approved.js";

/** Approved requests that are being carried out in this process. */
export interface AnswersUnderWay {
  /**
   * Carries an approved request out, or joins who is at it already.
   *
   * @throws {CarryoverError} `wrongState` when it was stopped; else what `finishApproved` throws
   */
  finish: (
    requestId: RequestId,
    options: LongCallOptions,
  ) => Promise<ResponseReport>;
  /** Stops the work on a request that was closed: what it would still do is refused anyway. Does not wait for it. */
  stop: (requestId: RequestId) => void;
}

export function createAnswersUnderWay(context: EngineContext): AnswersUnderWay {
  const once = createSingleFlight<ResponseReport>();
  const stops = new Map<RequestId, AbortController>();

  async function run(
    requestId: RequestId,
    options: LongCallOptions,
  ): Promise<ResponseReport> {
    const stop = new AbortController();
    stops.set(requestId, stop);
    const signals = [stop.signal, ...(options.signal ? [options.signal] : [])];
    try {
      return await finishApproved(context, requestId, {
        ...options,
        signal: AbortSignal.any(signals),
      });
    } catch (cause) {
      if (!stop.signal.aborted) throw cause;
      throw new CarryoverError("wrongState", "the request was declined", {
        cause,
      });
    } finally {
      stops.delete(requestId);
    }
  }

  return {
    finish: (requestId, options) =>
      once(requestId, () => run(requestId, options)),
    stop: (requestId) => stops.get(requestId)?.abort(),
  };
}
