import type { Task } from "../../machine/task.js";

/** A task of the page, which can be ended from outside of it. */
export interface RunningTask<State, Event> extends Task<State, Event> {
  /** Whether leaving the page would interrupt something. */
  isBusy(): boolean;
  /** Stops what runs, and lets go of everything that it holds in memory. */
  dispose(): Promise<void>;
}
