import type { StateStore } from "../ports/state-store.js";
import { emptyState, type EngineState } from "./engine-state.js";
import { decodeState, encodeState } from "./state-codec.js";

/** The state in memory, and the one way to change it. */
export interface StateRepository {
  /** The state as last saved. Not to be changed. */
  current(): EngineState;
  /**
   * Changes the state and saves it. Changes run one after another; when `change` or the saving throws, nothing changed.
   *
   * @param change - works on a copy; what it returns is returned
   */
  update<T>(change: (draft: EngineState) => T): Promise<T>;
  /** Lets go of the store once the changes under way are saved. */
  close(): Promise<void>;
}

/** @throws {CarryoverError} `stateUnreadable` */
export async function openStateRepository(
  store: StateStore,
): Promise<StateRepository> {
  const bytes = await store.load();
  let state = bytes === undefined ? emptyState() : decodeState(bytes);
  let tail: Promise<unknown> = Promise.resolve();
  return {
    current: () => state,
    update: (change) => {
      const run = async () => {
        const draft = structuredClone(state);
        const result = change(draft);
        await store.save(encodeState(draft));
        state = draft;
        return result;
      };
      const next = tail.then(run, run);
      tail = next.catch(ignoreHere);
      return next;
    },
    close: async () => {
      await tail;
      await store.close();
    },
  };
}

// The caller of `update` has the rejection; the queue only needs the order.
function ignoreHere(): void {}
