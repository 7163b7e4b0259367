/**
 * A state machine as data: for each state what the engine does while in it, and for each event that it takes there the
 * next state and the effects of leaving for it. Nothing here reads a clock, draws a number or touches I/O.
 */
export interface Machine<
  State extends string,
  Event extends string,
  Activity extends string,
  Effect extends string,
> {
  readonly initial: State;
  readonly states: {
    readonly [S in State]: StateRow<State, Event, Activity, Effect>;
  };
}

export interface StateRow<
  State extends string,
  Event extends string,
  Activity extends string,
  Effect extends string,
> {
  /**
   * What is done on entry, and done again after a restart in this state: every activity can be repeated. Absent where
   * the machine waits for a person, the network or nothing at all.
   */
  readonly activity?: Activity;
  readonly on: { readonly [E in Event]?: Transition<State, Effect> };
}

export interface Transition<State extends string, Effect extends string> {
  readonly to: State;
  /** In the order in which they are carried out, after the new state is stored. */
  readonly effects: readonly Effect[];
}

/** What one event does in one state, or `ignored`: the table has no such transition, and nothing changes. */
export type Step<State extends string, Effect extends string> =
  | { kind: "moved"; to: State; effects: readonly Effect[] }
  | { kind: "ignored" };

/**
 * Looks one event up: `(state, event) -> (state, effects)`.
 *
 * @returns `ignored` for every pair that the table does not have
 */
export function step<
  State extends string,
  Event extends string,
  Activity extends string,
  Effect extends string,
>(
  machine: Machine<State, Event, Activity, Effect>,
  state: State,
  event: Event,
): Step<State, Effect> {
  const { on } = machine.states[state];
  const transition = Object.hasOwn(on, event) ? on[event] : undefined;
  return transition === undefined
    ? { kind: "ignored" }
    : { kind: "moved", to: transition.to, effects: transition.effects };
}

/** True where no event leads out. */
export function isTerminal<
  State extends string,
  Event extends string,
  Activity extends string,
  Effect extends string,
>(machine: Machine<State, Event, Activity, Effect>, state: State): boolean {
  return Object.keys(machine.states[state].on).length === 0;
}
