import type { EngineContext } from "./engine-context.js";
import { asCarryoverError, CarryoverError } from "./errors.js";
import type { IncomingMessages } from "./incoming-messages.js";

/** How often expiry and unfinished work are looked at, milliseconds. */
const housekeepingMs = 30_000;

export interface Listening {
  incoming: IncomingMessages;
  /** Reads what is new from network and database. */
  catchUp: () => Promise<unknown>;
  /** Goes on with unfinished work. */
  resume: () => Promise<unknown>;
  signal: AbortSignal;
}

/**
 * Follows the stream until the signal aborts. After every (re)connect what was missed is read from the database, since
 * the stream does not tell of it. Never rejects: what stops it is an event.
 */
export async function keepListening(
  context: EngineContext,
  listening: Listening,
): Promise<void> {
  try {
    await Promise.all([
      follow(context, listening),
      keepHouse(context, listening),
    ]);
  } catch (error) {
    if (listening.signal.aborted) return;
    const stopped = asCarryoverError(
      error,
      "networkUnavailable",
      "listening stopped",
    );
    context.emit({ kind: "listeningStopped", error: stopped });
  }
}

async function follow(
  { channels }: EngineContext,
  { incoming, catchUp, signal }: Listening,
): Promise<void> {
  for await (const event of channels.stream(signal))
    await unlessItCanWait(() =>
      event.kind === "message" ? incoming.take(event.message) : catchUp(),
    );
}

/** Apart from the stream: an upload that is taken up again must not keep a new request waiting. */
async function keepHouse(
  { clock }: EngineContext,
  { catchUp, resume, signal }: Listening,
): Promise<void> {
  while (!signal.aborted) {
    await unlessItCanWait(async () => {
      await catchUp();
      await resume();
    });
    await clock.wait(housekeepingMs, signal);
  }
}

/** Without a network there is nothing to hear; the next round tries again. */
async function unlessItCanWait(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CarryoverError && error.retryable)) throw error;
  }
}
