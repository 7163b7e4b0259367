/** Calls when nothing has happened for too long. */
export interface Watchdog {
  /** Starts waiting, or starts anew. */
  watch(milliseconds: number): void;
  /** Stops waiting: what happens next is not the other side's to do. */
  rest(): void;
}

/** @param bark - called once for each wait that ran out */
export function createWatchdog(bark: (milliseconds: number) => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  return {
    watch: (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => bark(milliseconds), milliseconds);
    },
    rest: () => clearTimeout(timer),
  };
}
