/** Time, as the engine sees it. */
export interface Clock {
  /** Nanoseconds since 1970, UTC. */
  nowNs(): bigint;
  /**
   * Resolves after a time, or at once when the signal aborts; never rejects.
   *
   * @param delayMs - milliseconds
   */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A cryptographic source of random bytes. */
export type RandomBytes = (length: number) => Uint8Array;
