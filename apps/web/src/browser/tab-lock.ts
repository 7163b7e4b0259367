/** Whether this tab is the one that works. */
export type TabState = "first" | "waiting" | "impossible";

const lockName = "carryover-web-app";

/**
 * Makes one tab of this page the one that works: two could clear what the other one needs. The browser lets go of the lock
 * when a tab is gone, however it went; the next one in line is told.
 *
 * @param changed - called at once when the tab is the first one, or has to wait; later when its turn comes
 */
export function takeTurns(changed: (state: TabState) => void): void {
  // Where a page is not served safely there are no locks.
  if (!("locks" in navigator)) {
    changed("impossible");
    return;
  }
  const untilClosed = () => {
    changed("first");
    return new Promise<never>(() => undefined);
  };
  void navigator.locks.request(lockName, { ifAvailable: true }, (lock) => {
    if (lock !== null) return untilClosed();
    changed("waiting");
    void navigator.locks.request(lockName, untilClosed);
    return undefined;
  });
}
