import { CarryoverError, type StateStore } from "@carryover/client";

/** Records in memory that outlive the stores that are opened on them, as a file does. */
export interface StateMemory {
  /** @throws {CarryoverError} `stateLocked` */
  open(): Promise<StateStore>;
}

/** For tests of what stands on the store. */
export function createStateMemory(): StateMemory {
  let saved: Uint8Array | undefined;
  let isOpen = false;
  return {
    open: async () => {
      if (isOpen) throw new CarryoverError("stateLocked", "it is open already");
      isOpen = true;
      let closed = false;
      const assertOpen = () => {
        if (closed) throw new CarryoverError("closed", "the store was closed");
      };
      return {
        load: async () => {
          assertOpen();
          return saved?.slice();
        },
        save: async (record) => {
          assertOpen();
          saved = record.slice();
        },
        close: async () => {
          if (!closed) isOpen = false;
          closed = true;
        },
      };
    },
  };
}
