import type { EnginePorts } from "@carryover/client";

/** A clock that a test sets ahead of the system's. */
export function createMovedClock() {
  let aheadNs = 0n;
  return {
    /** @param milliseconds - from now on this much more */
    advance: (milliseconds: number) => {
      aheadNs += BigInt(milliseconds) * 1_000_000n;
    },
    wrapPorts: (ports: EnginePorts): EnginePorts => ({
      ...ports,
      clock: {
        ...ports.clock,
        nowNs: () => ports.clock.nowNs() + aheadNs,
      },
    }),
  };
}
