import { describe, expect, it } from "vitest";
import type { Problem } from "../../errors/problem.js";
import {
  isRestoring,
  type ReadyArchive,
  type RestoreEffect,
  type RestoreEvent,
  type RestoreState,
  restoreTransition,
} from "./restore-state.js";

const file = { name: "a.age", blob: new Blob() };
const archive = { sizeBytes: 1 } as ReadyArchive;
const problem: Problem = {
  code: "diskError",
  message: "It failed.",
  advice: "Do something.",
  retryable: true,
  installationId: undefined,
};

/** Goes through events from the start, and collects what is to be done. */
function after(...events: RestoreEvent[]) {
  let state: RestoreState = { step: "choosing" };
  const effects: RestoreEffect[] = [];
  for (const event of events) {
    const step = restoreTransition(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, lastEffect: effects.at(-1) };
}

const untilRestoring: RestoreEvent[] = [
  { kind: "fileChosen", file },
  { kind: "lookedAt", protection: { kind: "passkey" } },
  {
    kind: "secretGiven",
    secret: { kind: "passphrase", passphrase: "seven green bottles" },
  },
];
const untilReady: RestoreEvent[] = [
  ...untilRestoring,
  { kind: "restored", archive },
];

describe("restoring to an archive", () => {
  it("keeps the secret in no state", () => {
    const { state, lastEffect } = after(...untilRestoring);
    expect(lastEffect).toMatchObject({ kind: "open", file });
    expect(JSON.stringify(state)).not.toContain("bottles");
  });

  it("goes back to the secret after it was stopped", () => {
    const stopped = { ...problem, code: "aborted" };
    expect(
      after(
        ...untilRestoring,
        { kind: "stopAsked" },
        { kind: "notRestored", problem: stopped },
      ).state,
    ).toMatchObject({ step: "askingSecret", problem: stopped });
  });

  it("saves the archive and its key one by one, and remembers which", () => {
    const { state, lastEffect } = after(
      ...untilReady,
      { kind: "saveAsked", what: "archive" },
      { kind: "saved", what: "archive" },
      { kind: "saveAsked", what: "key" },
    );
    expect(lastEffect).toEqual({ kind: "save", what: "key" });
    expect(state).toMatchObject({ archiveSaved: "yes", keySaved: "no" });
    expect(isRestoring(state)).toBe(true);
  });

  it("keeps the archive when saving fails", () => {
    const failed: RestoreEvent[] = [
      ...untilReady,
      { kind: "saveAsked", what: "archive" },
      { kind: "notSaved", problem },
    ];
    expect(after(...failed).state).toMatchObject({ step: "ready", problem });
    expect(
      after(...failed, { kind: "saveAsked", what: "archive" }).state,
    ).not.toHaveProperty("problem");
  });

  it("clears at the end, and says when that failed", () => {
    const closing = after(...untilReady, { kind: "finishAsked" });
    expect(closing.lastEffect).toEqual({ kind: "close" });
    expect(closing.state.step).toBe("clearing");
    expect(
      restoreTransition(closing.state, { kind: "cleared", problem }).state,
    ).toMatchObject({ step: "done", problem });
  });
});
