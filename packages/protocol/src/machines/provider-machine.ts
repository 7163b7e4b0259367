import type { Machine } from "./machine.js";

/** Where one inbound request stands, on the installation that is asked. */
export type ProviderState =
  /** Passed every check; waiting for a person. */
  | "awaitingConsent"
  /** A person said yes to this very request. */
  | "approved"
  /** The history is being written, encrypted and uploaded as one stream. */
  | "uploading"
  /** The file is at the Backup Storage Provider; the response has not left. */
  | "uploaded"
  | "responded"
  | "declined"
  /** A check failed after the request was shown: nothing (more) leaves. */
  | "refused"
  | "expired"
  | "failed";

export type ProviderEvent =
  | "approved"
  | "declined"
  /** The third wrong PIN, in `enter` mode. */
  | "pinTriesUsedUp"
  /** Inbox state and channel read afresh, and still as the rules ask. */
  | "senderConfirmed"
  /** Revoked, a stranger in the channel, or another rule broken. */
  | "senderRefused"
  | "uploadCompleted"
  | "responseSent"
  | "failedForGood"
  | "expiryReached";

export type ProviderActivity =
  /** Read the inbox state a second time, before anything is made. */
  | "confirmSender"
  /** Make conversations live, export, encrypt and upload. */
  | "uploadBackup"
  /** Read the inbox state a third time, then send. */
  | "confirmSenderAndRespond";

export type ProviderEffect =
  /** The request, the file's key, temporary files. A tombstone stays, so that a replay is ignored. */
  "deleteWorkingData" | "tellRequester" | "hideChannel";

const cleanUp = ["deleteWorkingData", "hideChannel"] as const;

/** A person can think better of a yes for as long as the response has not left. */
const declined = {
  to: "declined",
  effects: ["tellRequester", ...cleanUp],
} as const;

/** XIP-31, "Flow for Message Backup Providers". */
export const providerMachine: Machine<
  ProviderState,
  ProviderEvent,
  ProviderActivity,
  ProviderEffect
> = {
  initial: "awaitingConsent",
  states: {
    awaitingConsent: {
      on: {
        approved: { to: "approved", effects: [] },
        declined,
        pinTriesUsedUp: { to: "refused", effects: cleanUp },
        senderRefused: { to: "refused", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
      },
    },
    approved: {
      activity: "confirmSender",
      on: {
        senderConfirmed: { to: "uploading", effects: [] },
        declined,
        senderRefused: { to: "refused", effects: cleanUp },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
      },
    },
    uploading: {
      activity: "uploadBackup",
      on: {
        uploadCompleted: { to: "uploaded", effects: [] },
        declined,
        senderRefused: { to: "refused", effects: cleanUp },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
      },
    },
    uploaded: {
      activity: "confirmSenderAndRespond",
      on: {
        responseSent: { to: "responded", effects: cleanUp },
        declined,
        senderRefused: { to: "refused", effects: cleanUp },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
      },
    },
    responded: { on: {} },
    declined: { on: {} },
    refused: { on: {} },
    expired: { on: {} },
    failed: { on: {} },
  },
};
