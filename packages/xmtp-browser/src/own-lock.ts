import { CarryoverError } from "@carryover/client";

/** A lock that is held. */
export interface HeldLock {
  /** Lets go of it; nothing happens the second time. */
  release(): Promise<void>;
}

/**
 * Takes a lock that one tab or worker of this origin can have at a time. The browser lets go of it when the tab is gone,
 * however it went.
 *
 * @returns `undefined` when somebody has it
 * @throws {CarryoverError} `invalidOption` where the browser has no locks, as on plain http
 */
export async function takeLock(name: string): Promise<HeldLock | undefined> {
  assertLocks();
  return await new Promise((resolve, reject) => {
    const whole = navigator.locks.request(
      name,
      { mode: "exclusive", ifAvailable: true },
      (lock) => {
        if (lock === null) {
          resolve(undefined);
          return;
        }
        return new Promise<void>((letGo) => {
          resolve({
            release: async () => {
              letGo();
              // Not before it is really free.
              await whole;
            },
          });
        });
      },
    );
    whole.catch(reject);
  });
}

/**
 * Does something while no other tab or worker of this origin does what is under the same name; waits for its turn. Nothing
 * under a name may wait for more of the same.
 *
 * @throws {CarryoverError} `invalidOption` where the browser has no locks, as on plain http
 */
export async function inTurn<T>(
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  assertLocks();
  return await navigator.locks.request(name, work);
}

function assertLocks(): void {
  if (!("locks" in navigator))
    throw new CarryoverError(
      "invalidOption",
      "this page has no Web Locks: it must be served over https or from loopback",
    );
}
