import type { VerifyReport } from "@carryover/xmtp-browser";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../errors/problem.js";
import {
  type Contents,
  isLooking,
  type LookEffect,
  type LookEvent,
  type LookState,
  lookTransition,
} from "./look-state.js";

const file = { name: "a.age", blob: new Blob() };
const seen = {
  kind: "encrypted",
  protection: { kind: "passphrase", workFactor: 18 },
} as const;
const accountFile = { kind: "accountFile" } as Contents;
const history = { kind: "history" } as Contents;
const drill = {} as VerifyReport;

const problem = (code: string): Problem => ({
  code,
  message: "It failed.",
  advice: "Do something.",
  retryable: false,
  installationId: undefined,
});

/** Goes through events from the start, and collects what is to be done. */
function after(...events: LookEvent[]) {
  let state: LookState = { step: "choosing" };
  const effects: LookEffect[] = [];
  for (const event of events) {
    const step = lookTransition(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, kinds: effects.map(({ kind }) => kind) };
}

const untilOpening: LookEvent[] = [
  { kind: "fileChosen", file },
  { kind: "seen", seen },
  {
    kind: "secretGiven",
    secret: { kind: "passphrase", passphrase: "seven green bottles" },
  },
];
const untilShown = (contents: Contents): LookEvent[] => [
  ...untilOpening,
  { kind: "opened", contents },
];

describe("looking inside", () => {
  it("opens what was chosen, and keeps the secret in no state", () => {
    const { state, kinds } = after(...untilOpening);
    expect(kinds).toEqual(["forget", "lookAt", "open"]);
    expect(JSON.stringify(state)).not.toContain("bottles");
    expect(isLooking(state)).toBe(true);
    expect(after(...untilShown(history)).state).toMatchObject({
      step: "shown",
      contents: history,
    });
  });

  it.each([
    ["wrongPassphrase", "askingSecret"],
    ["identityMismatch", "askingSecret"],
    ["altered", "choosing"],
    ["fileTruncated", "choosing"],
  ])("after %s goes back to %s", (code, step) => {
    expect(
      after(...untilOpening, { kind: "notOpened", problem: problem(code) })
        .state,
    ).toMatchObject({ step, problem: { code } });
  });

  it("asks the network on request alone, and of a Backup Account File alone", () => {
    expect(after(...untilShown(accountFile)).kinds).not.toContain("drill");
    const asked: LookEvent = { kind: "drillAsked" };
    expect(after(...untilShown(accountFile), asked).kinds).toContain("drill");
    expect(after(...untilShown(history), asked).kinds).not.toContain("drill");
  });

  it("still shows the file when the drill fails", () => {
    const asked: LookEvent[] = [
      ...untilShown(accountFile),
      { kind: "drillAsked" },
    ];
    expect(
      after(...asked, {
        kind: "notDrilled",
        problem: problem("networkUnavailable"),
      }).state,
    ).toMatchObject({ step: "shown", contents: accountFile });
    expect(after(...asked, { kind: "drilled", drill }).state).toMatchObject({
      step: "shown",
      drill,
    });
  });

  it("forgets the secret when the file is closed, or another one chosen", () => {
    expect(
      after(...untilShown(accountFile), { kind: "closeAsked" }).kinds.at(-1),
    ).toBe("forget");
    expect(
      after(...untilShown(accountFile), {
        kind: "fileChosen",
        file,
      }).kinds.slice(-2),
    ).toEqual(["forget", "lookAt"]);
  });

  it("does not take another file while one is read", () => {
    const { state } = after(...untilOpening);
    expect(lookTransition(state, { kind: "fileChosen", file })).toEqual({
      state,
      effects: [],
    });
  });
});
