import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edgesOf, simplePaths } from "../testing/machine-facts.js";
import { isTerminal, step } from "./machine.js";
import {
  providerMachine,
  type ProviderEvent,
  type ProviderState,
} from "./provider-machine.js";

const events = Object.keys({
  approved: 0,
  declined: 0,
  pinTriesUsedUp: 0,
  senderConfirmed: 0,
  senderRefused: 0,
  uploadCompleted: 0,
  responseSent: 0,
  failedForGood: 0,
  expiryReached: 0,
} satisfies Record<ProviderEvent, 0>) as ProviderEvent[];

/** Where each event leads. What is not named is ignored. */
const expected: Record<
  ProviderState,
  Partial<Record<ProviderEvent, ProviderState>>
> = {
  awaitingConsent: {
    approved: "approved",
    declined: "declined",
    pinTriesUsedUp: "refused",
    senderRefused: "refused",
    expiryReached: "expired",
  },
  approved: {
    senderConfirmed: "uploading",
    declined: "declined",
    senderRefused: "refused",
    failedForGood: "failed",
    expiryReached: "expired",
  },
  uploading: {
    uploadCompleted: "uploaded",
    declined: "declined",
    senderRefused: "refused",
    failedForGood: "failed",
    expiryReached: "expired",
  },
  uploaded: {
    responseSent: "responded",
    declined: "declined",
    senderRefused: "refused",
    failedForGood: "failed",
    expiryReached: "expired",
  },
  responded: {},
  declined: {},
  refused: {},
  expired: {},
  failed: {},
};

const cleanUp = ["deleteWorkingData", "hideChannel"];

function effectsOf(to: ProviderState): string[] {
  if (!isTerminal(providerMachine, to)) return [];
  return to === "declined" ? ["tellRequester", ...cleanUp] : cleanUp;
}

describe.each(Object.entries(expected))("in %s", (state, row) => {
  it.each(events)("%s", (event) => {
    const to = row[event];
    expect(step(providerMachine, state as ProviderState, event)).toEqual(
      to === undefined
        ? { kind: "ignored" }
        : { kind: "moved", to, effects: effectsOf(to) },
    );
  });
});

it("has no state or event beyond these", () => {
  expect(Object.keys(providerMachine.states)).toEqual(Object.keys(expected));
  for (const { event } of edgesOf(providerMachine))
    expect(events).toContain(event);
});

it("deletes the request, the dump and the keys on each way to an end", () => {
  const last = edgesOf(providerMachine).filter(({ to }) =>
    isTerminal(providerMachine, to),
  );
  expect(last).toHaveLength(17);
  for (const { effects } of last)
    expect(effects).toEqual(expect.arrayContaining(cleanUp));
});

it("tells the requester nothing but a decline", () => {
  const told = edgesOf(providerMachine).filter(({ effects }) =>
    effects.includes("tellRequester"),
  );
  expect(new Set(told.map(({ event }) => event))).toEqual(
    new Set(["declined"]),
  );
});

it("lets a person take a yes back until the response has left", () => {
  for (const state of Object.keys(expected) as ProviderState[])
    if (!isTerminal(providerMachine, state))
      expect(step(providerMachine, state, "declined")).toMatchObject({
        kind: "moved",
        to: "declined",
      });
});

describe("security rule 3: no byte leaves without an approval of that very request", () => {
  it("there is one way to `responded`, and it passes every check", () => {
    expect(
      simplePaths(providerMachine, "awaitingConsent", "responded").map((path) =>
        path.map(({ event, to }) => [event, to]),
      ),
    ).toEqual([
      [
        ["approved", "approved"],
        ["senderConfirmed", "uploading"],
        ["uploadCompleted", "uploaded"],
        ["responseSent", "responded"],
      ],
    ]);
  });

  it("there is one way to `uploading`, and it begins with the approval", () => {
    expect(
      simplePaths(providerMachine, "awaitingConsent", "uploading").map((path) =>
        path.map(({ event }) => event),
      ),
    ).toEqual([["approved", "senderConfirmed"]]);
  });

  it("no sequence of events gets round them, or answers twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...events), { maxLength: 40 }),
        (sequence) => {
          let state: ProviderState = providerMachine.initial;
          const visited: ProviderState[] = [state];
          for (const event of sequence) {
            const result = step(providerMachine, state, event);
            if (result.kind === "ignored") continue;
            state = result.to;
            visited.push(state);
          }
          const order: ProviderState[] = [
            "awaitingConsent",
            "approved",
            "uploading",
            "uploaded",
            "responded",
          ];
          const onTheWay = visited.filter((each) => order.includes(each));
          expect(onTheWay).toEqual(order.slice(0, onTheWay.length));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("uploads and sends in these states alone", () => {
    expect(
      Object.entries(providerMachine.states).flatMap(([state, { activity }]) =>
        activity === undefined ? [] : [[state, activity]],
      ),
    ).toEqual([
      ["approved", "confirmSender"],
      ["uploading", "uploadBackup"],
      ["uploaded", "confirmSenderAndRespond"],
    ]);
  });
});

it("can be refused in every state before the answer", () => {
  for (const state of [
    "awaitingConsent",
    "approved",
    "uploading",
    "uploaded",
  ] as const)
    expect(step(providerMachine, state, "senderRefused")).toMatchObject({
      to: "refused",
    });
});
