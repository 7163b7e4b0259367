/** Where the network takes the time from, so that tests can move it. */
export interface Clock {
  /** Nanoseconds since the Unix epoch. */
  nowNs(): bigint;
}

/** The clock of the machine, with the resolution that Node offers (about a microsecond). */
export const systemClock: Clock = {
  nowNs: () =>
    BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) *
    1000n,
};
