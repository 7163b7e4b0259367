import { describe, expect, it } from "vitest";
import { edgesOf, simplePaths, statesOf } from "../testing/machine-facts.js";
import { isTerminal, type Machine, step } from "./machine.js";
import { providerMachine } from "./provider-machine.js";
import { requesterMachine } from "./requester-machine.js";

const machines: Record<string, Machine<string, string, string, string>> = {
  requester: requesterMachine,
  provider: providerMachine,
};

describe.each(Object.entries(machines))("the %s's table", (_, machine) => {
  const states = statesOf(machine);
  const terminal = states.filter((state) => isTerminal(machine, state));
  const running = states.filter((state) => !isTerminal(machine, state));

  it("has states that end and states that go on", () => {
    expect(terminal.length).toBeGreaterThan(0);
    expect(running).toContain(machine.initial);
  });

  it("leads nowhere from a terminal state, and does nothing there", () => {
    for (const state of terminal) {
      expect(machine.states[state]?.on).toEqual({});
      expect(machine.states[state]?.activity).toBeUndefined();
    }
  });

  it("leads from every other state to an end", () => {
    for (const state of running)
      expect(
        terminal.flatMap((end) => simplePaths(machine, state, end)),
      ).not.toEqual([]);
  });

  it("leads to every state from the first", () => {
    for (const state of states)
      expect(
        simplePaths(machine, machine.initial, state),
        state,
      ).not.toHaveLength(0);
  });

  it("expires wherever nothing irrevocable is under way", () => {
    const expires = running.filter(
      (state) => machine.states[state]?.on.expiryReached?.to === "expired",
    );
    expect(running.filter((state) => !expires.includes(state))).toEqual(
      machine === machines.requester ? ["importing"] : [],
    );
  });

  it("has no effect between states that go on", () => {
    const between = edgesOf(machine).filter(({ to }) => !terminal.includes(to));
    expect(between.length).toBeGreaterThan(0);
    expect(between.flatMap(({ effects }) => effects)).toEqual([]);
  });
});

describe("step", () => {
  it("ignores what the table does not have", () => {
    expect(step(requesterMachine, "applied", "applyAsked")).toEqual({
      kind: "ignored",
    });
  });

  it("ignores words that every object knows", () => {
    const machine: Machine<"on", string, never, never> = {
      initial: "on",
      states: { on: { on: {} } },
    };
    for (const event of ["constructor", "toString", "__proto__", "valueOf"])
      expect(step(machine, "on", event)).toEqual({ kind: "ignored" });
  });
});
