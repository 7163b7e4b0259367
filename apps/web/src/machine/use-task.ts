import { useSyncExternalStore } from "react";
import type { Task } from "./task.js";

/** The state of a task, as it changes. */
export function useTaskState<State, Event>(task: Task<State, Event>): State {
  return useSyncExternalStore(
    (changed) => task.subscribe(changed),
    () => task.getState(),
  );
}
