import type {
  AccountBudget,
  CreatedBackupAccountFile,
} from "@carryover/xmtp-browser";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../errors/problem.js";
import {
  isMaking,
  type MakeEffect,
  type MakeEvent,
  makeStart,
  type MakeState,
  makeTransition,
} from "./make-state.js";

const wallet = {
  info: { uuid: "u", name: "Wallet", icon: undefined },
  provider: { request: () => Promise.resolve() },
};
const shown = { name: "Wallet", address: "0x12", type: "ordinary" } as const;
const share = { used: 1, limit: 10, left: 9 };
const budget: AccountBudget = {
  installations: share,
  identityUpdates: share,
  anotherFile: "possible",
};
const created = { sizeBytes: 1 } as CreatedBackupAccountFile;
const byPassphrase = {
  kind: "passphrase",
  passphrase: "seven green bottles",
} as const;
const file = { name: "a.age", blob: new Blob() };

const problem = (installationId?: string): Problem => ({
  code: "accountFileFailed",
  message: "It failed.",
  advice: "Do something.",
  retryable: true,
  installationId,
});

/** Goes through events from the start, and collects what is to be done. */
function after(...events: MakeEvent[]) {
  let state: MakeState = { step: "choosingWallet" };
  const effects: MakeEffect[] = [];
  for (const event of events) {
    const step = makeTransition(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects, lastEffect: effects.at(-1) };
}

const untilDeciding: MakeEvent[] = [
  { kind: "walletChosen", wallet },
  { kind: "connected", wallet: shown, budget },
];
const untilMaking: MakeEvent[] = [
  ...untilDeciding,
  { kind: "makeAsked", protection: byPassphrase },
];
const untilMade: MakeEvent[] = [...untilMaking, { kind: "made", created }];

describe("making a file", () => {
  it("shows the budget before anything is signed, and keeps the passphrase in no state", () => {
    expect(after(...untilDeciding).state).toMatchObject({
      step: "deciding",
      budget,
    });
    const { state, lastEffect } = after(...untilMaking);
    expect(lastEffect).toEqual({ kind: "make", protection: byPassphrase });
    expect(JSON.stringify(state)).not.toContain("bottles");
  });

  it("does not begin when too little is left", () => {
    const low: MakeEvent = {
      kind: "connected",
      wallet: shown,
      budget: { ...budget, anotherFile: "low" },
    };
    expect(
      after({ kind: "walletChosen", wallet }, low, {
        kind: "makeAsked",
        protection: byPassphrase,
      }).state.step,
    ).toBe("deciding");
  });

  it("does not let a smart-contract wallet protect it", () => {
    const contract: MakeEvent = {
      kind: "connected",
      wallet: { ...shown, type: "contract" },
      budget,
    };
    const { effects } = after({ kind: "walletChosen", wallet }, contract, {
      kind: "makeAsked",
      protection: { kind: "wallet" },
    });
    expect(effects.map(({ kind }) => kind)).toEqual(["connect"]);
  });

  it("goes back to the choice that failed, unless an installation was registered", () => {
    const byWallet: MakeEvent = {
      kind: "makeAsked",
      protection: { kind: "wallet" },
    };
    const failed: MakeEvent = { kind: "notMade", problem: problem() };
    expect(after(...untilDeciding, byWallet, failed).state).toMatchObject({
      step: "deciding",
      chosen: "wallet",
    });
    const orphaned: MakeEvent = { kind: "notMade", problem: problem("ab") };
    const { state } = after(...untilMaking, orphaned);
    expect(state).toMatchObject({
      step: "unfinished",
      left: [{ installationId: "ab", file: "notMade" }],
    });
    expect(isMaking(state)).toBe(true);
  });

  it("revokes what no file holds, also what an earlier visit left", () => {
    const begun = makeStart([{ installationId: "ab", file: "notMade" }]);
    const asked = makeTransition(begun, { kind: "walletChosen", wallet });
    expect(asked.effects).toEqual([
      { kind: "revoke", wallet, installationIds: ["ab"] },
    ]);
    const failed = makeTransition(asked.state, {
      kind: "notRevoked",
      problem: problem(),
    });
    expect(failed.state).toMatchObject({ revoking: "no" });
    const done = makeTransition(asked.state, { kind: "revoked" });
    const forgetNotes = { kind: "forget", unfinishedNotes: "removed" };
    expect(done.effects).toEqual([forgetNotes]);
    const noted = makeTransition(begun, { kind: "again" });
    expect(noted.effects).toEqual([forgetNotes]);
    // While it is noted still, another one is not begun: its note would go, too.
    expect(isMaking(noted.state)).toBe(true);
    expect(makeTransition(noted.state, { kind: "cleared" }).state).toEqual(
      makeStart([]),
    );
    // Whoever revokes waits for it.
    expect(makeTransition(asked.state, { kind: "again" }).effects).toEqual([]);
    expect(makeStart([])).toEqual({ step: "choosingWallet" });
  });

  it("keeps a file that an earlier visit made, when the person has it, and revokes it otherwise", () => {
    const begun = makeStart([{ installationId: "ab", file: "perhapsSaved" }]);
    expect(isMaking(begun)).toBe(true);
    expect(makeTransition(begun, { kind: "again" }).state).toEqual(begun);
    const keep = makeTransition(begun, { kind: "keepAsked" });
    expect(keep.effects).toEqual([{ kind: "keep", installationId: "ab" }]);
    const failed = makeTransition(keep.state, {
      kind: "notKept",
      problem: problem(),
    });
    expect(failed.state).toMatchObject({ step: "unfinished", left: [{}] });
    const kept = { kind: "kept", installationId: "ab" } as const;
    expect(makeTransition(failed.state, kept)).toEqual({
      state: { step: "choosingWallet" },
      effects: [],
    });
    const revoke = makeTransition(begun, { kind: "walletChosen", wallet });
    expect(revoke.effects).toEqual([
      { kind: "revoke", wallet, installationIds: ["ab"] },
    ]);
    // Whoever revokes does not keep.
    expect(makeTransition(revoke.state, { kind: "keepAsked" }).effects).toEqual(
      [],
    );
    const clearing = makeTransition(revoke.state, { kind: "revoked" }).state;
    const done = makeTransition(clearing, { kind: "cleared" }).state;
    expect(makeTransition(done, { kind: "again" }).state.step).toBe(
      "choosingWallet",
    );
  });

  it("says that nothing is left when nothing is, and what went wrong otherwise", () => {
    const begun = makeStart([{ installationId: "ab", file: "notMade" }]);
    const revoking = makeTransition(begun, { kind: "walletChosen", wallet });
    const { state } = makeTransition(revoking.state, { kind: "revoked" });
    expect(state.step).toBe("clearing");
    expect(isMaking(state)).toBe(true);
    const cleared = makeTransition(state, { kind: "cleared" }).state;
    expect(cleared).toEqual({ step: "revoked" });
    expect(isMaking(cleared)).toBe(false);
    expect(
      makeTransition(state, { kind: "cleared", problem: problem() }).state,
    ).toEqual({ step: "revoked", problem: problem() });
  });

  it("asks about each file that may be saved by itself, and nobody can say of another that they have it", () => {
    const notMade = { installationId: "aa", file: "notMade" } as const;
    const first = { installationId: "ab", file: "perhapsSaved" } as const;
    const second = { installationId: "ac", file: "perhapsSaved" } as const;
    const begun = makeStart([notMade, first, second]);
    const revoking = makeTransition(begun, { kind: "walletChosen", wallet });
    expect(revoking.effects).toMatchObject([{ installationIds: ["ab"] }]);
    const revoked = makeTransition(revoking.state, { kind: "revoked" });
    // The notes of the others stay.
    expect(revoked).toEqual({
      state: makeStart([notMade, second]),
      effects: [],
    });
    const kept = makeTransition(revoked.state, {
      kind: "kept",
      installationId: "ac",
    }).state;
    expect(kept).toEqual(makeStart([notMade]));
    expect(makeTransition(kept, { kind: "keepAsked" }).effects).toEqual([]);
  });

  it("cannot be finished before it is saved", () => {
    const { state } = after(...untilMade, { kind: "finishAsked" });
    expect(state.step).toBe("made");
    expect(isMaking(state)).toBe(true);
  });

  it("checks by itself what it can read back, and else what the person shows", () => {
    const picked: MakeEvent = { kind: "saved", how: "picked" };
    expect(after(...untilMade, picked)).toMatchObject({
      state: { saved: "picked", check: { kind: "checking" } },
      lastEffect: { kind: "check", file: "saved" },
    });
    const downloaded: MakeEvent = { kind: "saved", how: "downloaded" };
    const show: MakeEvent = { kind: "fileShown", file };
    expect(after(...untilMade, downloaded).state).toMatchObject({
      check: { kind: "notYet" },
    });
    expect(after(...untilMade, downloaded, show).lastEffect).toEqual({
      kind: "check",
      file,
    });
    expect(after(...untilMade, show).lastEffect?.kind).toBe("make");
  });

  it("keeps the file after a check that failed, to be saved again", () => {
    const { state } = after(
      ...untilMade,
      { kind: "saved", how: "picked" },
      { kind: "doesNotOpen", problem: problem() },
      { kind: "saveAsked" },
    );
    expect(state).toMatchObject({ step: "made", check: { kind: "failed" } });
  });

  it("forgets everything at the end", () => {
    const { state, lastEffect } = after(
      ...untilMade,
      { kind: "saved", how: "picked" },
      { kind: "opens" },
      { kind: "finishAsked" },
    );
    // Another file may have been begun at an earlier visit.
    expect(lastEffect).toEqual({ kind: "forget", unfinishedNotes: "kept" });
    const done = makeTransition(state, { kind: "cleared" }).state;
    expect(done).toMatchObject({ step: "done", check: { kind: "opens" } });
    expect(isMaking(done)).toBe(false);
  });
});
