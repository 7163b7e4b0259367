/** What a task does next: where it is, and what is to be done in the world. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A task as a table: pure, so that every path can be tried without a browser. */
export type Transition<State, Event, Effect> = (
  state: State,
  event: Event,
) => Step<State, Effect>;

/** Goes there, and does these. */
export const goTo = <State, Effect>(
  state: State,
  ...effects: Effect[]
): Step<State, Effect> => ({ state, effects });
