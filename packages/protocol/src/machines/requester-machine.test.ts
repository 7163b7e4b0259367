import { describe, expect, it } from "vitest";
import { edgesOf, simplePaths } from "../testing/machine-facts.js";
import { isTerminal, step } from "./machine.js";
import {
  type BackupRequestStatus,
  requesterMachine,
  type RequesterEvent,
  type RequesterState,
  statusOf,
} from "./requester-machine.js";

const events = Object.keys({
  requestSent: 0,
  responseAccepted: 0,
  declineAccepted: 0,
  applyAsked: 0,
  fileVerified: 0,
  importCompleted: 0,
  interrupted: 0,
  failedForGood: 0,
  expiryReached: 0,
  cancelled: 0,
} satisfies Record<RequesterEvent, 0>) as RequesterEvent[];

/** Where each event leads. What is not named is ignored. */
const expected: Record<
  RequesterState,
  Partial<Record<RequesterEvent, RequesterState>>
> = {
  stored: {
    requestSent: "awaitingResponse",
    responseAccepted: "responseReceived",
    declineAccepted: "declined",
    failedForGood: "failed",
    expiryReached: "expired",
    cancelled: "failed",
  },
  awaitingResponse: {
    responseAccepted: "responseReceived",
    declineAccepted: "declined",
    expiryReached: "expired",
    cancelled: "failed",
  },
  responseReceived: {
    applyAsked: "downloading",
    failedForGood: "failed",
    expiryReached: "expired",
    cancelled: "failed",
  },
  downloading: {
    fileVerified: "importing",
    interrupted: "responseReceived",
    failedForGood: "failed",
    expiryReached: "expired",
    cancelled: "failed",
  },
  importing: {
    importCompleted: "applied",
    interrupted: "importing",
    failedForGood: "failed",
  },
  applied: {},
  expired: {},
  declined: {},
  failed: {},
};

const cleanUp = [
  "deleteStoredBackup",
  "deleteDownloadedFile",
  "deleteSecrets",
  "deleteChannelMessages",
];

describe.each(Object.entries(expected))("in %s", (state, row) => {
  it.each(events)("%s", (event) => {
    const to = row[event];
    expect(step(requesterMachine, state as RequesterState, event)).toEqual(
      to === undefined
        ? { kind: "ignored" }
        : {
            kind: "moved",
            to,
            effects: isTerminal(requesterMachine, to) ? cleanUp : [],
          },
    );
  });
});

it("has no state or event beyond these", () => {
  expect(Object.keys(requesterMachine.states)).toEqual(Object.keys(expected));
  for (const { event } of edgesOf(requesterMachine))
    expect(events).toContain(event);
});

it("deletes every secret, file and message on each way to an end", () => {
  const last = edgesOf(requesterMachine).filter(({ to }) =>
    isTerminal(requesterMachine, to),
  );
  expect(last).toHaveLength(15);
  for (const { effects } of last) expect(effects).toEqual(cleanUp);
});

it("imports only a file that was verified whole", () => {
  const before = edgesOf(requesterMachine).filter(
    ({ to, from }) => to === "importing" && from !== "importing",
  );
  expect(before).toEqual([
    {
      from: "downloading",
      event: "fileVerified",
      to: "importing",
      effects: [],
    },
  ]);
  for (const path of simplePaths(requesterMachine, "stored", "applied"))
    expect(path.map(({ event }) => event).slice(-4)).toEqual([
      "responseAccepted",
      "applyAsked",
      "fileVerified",
      "importCompleted",
    ]);
});

it("repeats its activities after a restart", () => {
  const { states } = requesterMachine;
  expect(
    Object.entries(states).flatMap(([state, { activity }]) =>
      activity === undefined ? [] : [[state, activity]],
    ),
  ).toEqual([
    ["stored", "sendRequest"],
    ["downloading", "downloadAndVerifyFile"],
    ["importing", "importFile"],
  ]);
});

it("shows the proposal's statuses", () => {
  const statuses: Record<RequesterState, BackupRequestStatus> = {
    stored: "Pending",
    awaitingResponse: "Pending",
    responseReceived: "Pending",
    downloading: "Pending",
    importing: "Pending",
    applied: "Applied",
    expired: "Expired",
    declined: "Declined",
    failed: "Failed",
  };
  for (const [state, status] of Object.entries(statuses))
    expect(statusOf(state as RequesterState)).toBe(status);
});
