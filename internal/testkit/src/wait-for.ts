import { setTimeout as delay } from "node:timers/promises";

/** How long to wait, and how often to look, milliseconds. */
export interface WaitOptions {
  /** Three quarters of the minute that a test has, unless told: it fails here, and says what it waited for. */
  deadlineMs?: number;
  everyMs?: number;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param what - for the error: "the response to arrive"
 * @param look - `undefined` and `false` mean not yet
 * @throws when the deadline passes
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { deadlineMs = 45_000, everyMs = 20 }: WaitOptions = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false)
      return seen as Exclude<T, undefined | false>;
    if (performance.now() > deadline)
      throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await delay(everyMs);
  }
}
