import type { Transition } from "./machine.js";

/** A task that runs: its state, and the way to tell it something. */
export interface Task<State, Event> {
  getState(): State;
  send(event: Event): void;
  /** @returns the way to stop that */
  subscribe(changed: () => void): () => void;
}

/**
 * Runs a machine.
 *
 * @param perform - carries out one effect, and sends what comes of it; must not throw
 */
export function createTask<State, Event, Effect>(
  initial: State,
  transition: Transition<State, Event, Effect>,
  perform: (effect: Effect, send: (event: Event) => void) => void,
): Task<State, Event> {
  let state = initial;
  const listeners = new Set<() => void>();
  const send = (event: Event) => {
    const step = transition(state, event);
    if (step.state !== state) {
      state = step.state;
      for (const changed of listeners) changed();
    }
    for (const effect of step.effects) perform(effect, send);
  };
  return {
    getState: () => state,
    send,
    subscribe: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}
