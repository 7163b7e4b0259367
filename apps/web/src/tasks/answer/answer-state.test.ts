import type { AccountFileFacts, InboundRequest } from "@carryover/xmtp-browser";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../errors/problem.js";
import {
  type AnswerEffect,
  type AnswerEvent,
  type AnswerState,
  answerTransition,
  isAnswering,
} from "./answer-state.js";

const file = { name: "alix.age", blob: new Blob(["file"]) };
const protection = { kind: "passphrase", workFactor: 18 } as const;
const secret = {
  kind: "passphrase",
  passphrase: "seven green bottles",
} as const;
const facts = { copy: "newest", missing: [] } as unknown as AccountFileFacts;
const report = {
  outcome: "responded",
  conversationCount: 1,
  messageCount: 2,
  sizeBytes: 3,
  leftOut: [],
  notMadeLive: [],
} as const;

const problem = (code: string, retryable = false): Problem => ({
  code,
  message: "It failed.",
  advice: "Do something.",
  retryable,
  installationId: undefined,
});

const request = (
  requestId: string,
  pinState: InboundRequest["pinState"] = "unique",
) => ({ requestId, pinState }) as unknown as InboundRequest;

/** Goes through events from the start, and collects what is to be done. */
function after(...events: AnswerEvent[]) {
  let state: AnswerState = { step: "choosing" };
  const effects: AnswerEffect[] = [];
  for (const event of events) {
    const step = answerTransition(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects, lastEffect: effects.at(-1) };
}

const untilAsked: AnswerEvent[] = [
  { kind: "fileChosen", file },
  { kind: "lookedAt", protection },
];
const untilOpening: AnswerEvent[] = [
  ...untilAsked,
  { kind: "secretGiven", secret },
];
const untilOpened = (...requests: InboundRequest[]): AnswerEvent[] => [
  ...untilOpening,
  { kind: "opened", facts, requests },
];
const approve = (requestId: string): AnswerEvent => ({
  kind: "decided",
  requestId,
  decision: "approve",
});

describe("answering with a file", () => {
  it("looks at the file, asks for its secret, and keeps the secret in no state", () => {
    expect(after(...untilAsked)).toMatchObject({
      state: { step: "askingSecret", protection },
      lastEffect: { kind: "lookAt", file },
    });
    const { state, lastEffect } = after(...untilOpening);
    expect(lastEffect).toEqual({ kind: "open", file, secret });
    expect(JSON.stringify(state)).not.toContain("bottles");
  });

  it.each([
    ["wrongPassphrase", "askingSecret"],
    ["walletRefused", "askingSecret"],
    ["networkUnavailable", "askingSecret"],
    ["notAccountFile", "choosing"],
    ["accountFileRevoked", "choosing"],
  ])("that does not open for %s goes back to %s", (code, step) => {
    const { state } = after(...untilOpening, {
      kind: "notOpened",
      problem: problem(code),
    });
    expect(state).toMatchObject({ step, problem: { code } });
    expect(isAnswering(state)).toBe(false);
  });

  it("that is none is told before a secret is asked for", () => {
    expect(
      after(
        { kind: "fileChosen", file },
        { kind: "refused", problem: problem("notAccountFile") },
      ).state,
    ).toMatchObject({ step: "choosing", problem: { code: "notAccountFile" } });
  });

  it("approves one request, and shows what is left", () => {
    const { state, lastEffect } = after(
      ...untilOpened(request("a"), request("b")),
      approve("a"),
    );
    expect(lastEffect).toEqual({
      kind: "respond",
      requestId: "a",
      decision: "approve",
    });
    expect(state.step).toBe("answering");
    expect(
      after(...untilOpened(request("a"), request("b")), approve("a"), {
        kind: "answered",
        report,
        requests: [request("b")],
      }).state,
    ).toMatchObject({
      step: "requests",
      requests: [{ requestId: "b" }],
      answers: [{ request: { requestId: "a" }, report }],
    });
  });

  it("cannot approve one of two requests with the same PIN, but decline it", () => {
    const both = [request("a", "conflict"), request("b", "conflict")];
    const approved = after(...untilOpened(...both), approve("a"));
    expect(approved.state.step).toBe("requests");
    expect(approved.lastEffect?.kind).toBe("open");
    expect(
      after(...untilOpened(...both), {
        kind: "decided",
        requestId: "a",
        decision: "decline",
      }).state.step,
    ).toBe("answering");
  });

  it("does nothing about a request that is not there", () => {
    expect(after(...untilOpened(), approve("a")).state.step).toBe("requests");
  });

  it("keeps a request that could not be answered, with what went wrong beside it", () => {
    const events: AnswerEvent[] = [
      ...untilOpened(request("a")),
      approve("a"),
      {
        kind: "notAnswered",
        problem: problem("storageUnavailable", true),
        requests: [request("a")],
      },
    ];
    const failed = { step: "requests", problem: { requestId: "a" } };
    expect(after(...events).state).toMatchObject(failed);
    expect(
      after(...events, { kind: "listed", requests: [request("a")] }).state,
    ).toMatchObject(failed);
    expect(after(...events, approve("a")).state).not.toHaveProperty("problem");
  });

  it("says of no request that it is gone because nobody could be asked", () => {
    const both = [request("a"), request("b")];
    const answering = [...untilOpened(...both), approve("a")];
    expect(
      after(...answering, {
        kind: "notAnswered",
        problem: problem("networkUnavailable", true),
      }).state,
    ).toMatchObject({ step: "requests", requests: both });
    expect(
      after(...answering, { kind: "answered", report }).state,
    ).toMatchObject({ step: "requests", requests: [{ requestId: "b" }] });
  });

  it("checks once at a time, and forgets a failed check after the next one", () => {
    const check: AnswerEvent = { kind: "checkAsked" };
    const { effects } = after(...untilOpened(), check, check);
    expect(effects.filter(({ kind }) => kind === "list")).toHaveLength(1);
    const failed: AnswerEvent = {
      kind: "notListed",
      problem: problem("networkUnavailable", true),
    };
    expect(after(...untilOpened(), check, failed).state).toMatchObject({
      checking: "idle",
      problem: { code: "networkUnavailable" },
    });
    expect(
      after(...untilOpened(), check, failed, check, {
        kind: "listed",
        requests: [],
      }).state,
    ).not.toHaveProperty("problem");
  });

  it("stops what is under way, and clears at the end", () => {
    expect(after(...untilOpening, { kind: "stopAsked" }).lastEffect).toEqual({
      kind: "stop",
    });
    const clearing = after(...untilOpened(), { kind: "finishAsked" });
    expect(clearing).toMatchObject({
      state: { step: "clearing" },
      lastEffect: { kind: "close" },
    });
    expect(isAnswering(clearing.state)).toBe(true);
    const done = after(
      ...untilOpened(),
      { kind: "finishAsked" },
      { kind: "cleared" },
    );
    expect(done.state.step).toBe("done");
    expect(answerTransition(done.state, { kind: "again" }).state).toEqual({
      step: "choosing",
    });
  });

  it("ignores what stopped work still says", () => {
    const { state } = after(...untilAsked);
    expect(
      answerTransition(state, {
        kind: "progressed",
        progress: { phase: "syncing" },
      }).state,
    ).toBe(state);
    expect(
      answerTransition(state, { kind: "opened", facts, requests: [] }).state,
    ).toBe(state);
  });
});
