import type { Machine } from "./machine.js";

/** Where one request stands, on the installation that asks. */
export type RequesterState =
  /** Stored, not known to be sent. */
  | "stored"
  /** Sent; waiting for a person on the other installation. */
  | "awaitingResponse"
  /** A checked response is stored; waiting for the app to apply it. */
  | "responseReceived"
  /** The file is on its way to private storage, and is then checked whole. */
  | "downloading"
  /** The whole file is verified; its rows are being written. */
  | "importing"
  | "applied"
  | "expired"
  | "declined"
  | "failed";

export type RequesterEvent =
  | "requestSent"
  | "responseAccepted"
  | "declineAccepted"
  | "applyAsked"
  | "fileVerified"
  | "importCompleted"
  /** Something is missing that may come back: the state goes back to where the app can ask again. */
  | "interrupted"
  /** Nothing can make it succeed. */
  | "failedForGood"
  | "expiryReached"
  | "cancelled";

export type RequesterActivity =
  "sendRequest" | "downloadAndVerifyFile" | "importFile";

export type RequesterEffect =
  /** Ephemeral key, response, upload authorization. */
  | "deleteSecrets"
  | "deleteDownloadedFile"
  /** Ask the Backup Storage Provider to drop the blob. */
  | "deleteStoredBackup"
  /** Shorten the lifetime of the channel's messages, once no request of the call needs them. */
  | "deleteChannelMessages";

const cleanUp = [
  "deleteStoredBackup",
  "deleteDownloadedFile",
  "deleteSecrets",
  "deleteChannelMessages",
] as const;

/** XIP-31, "Flow for Backup Requesters". */
export const requesterMachine: Machine<
  RequesterState,
  RequesterEvent,
  RequesterActivity,
  RequesterEffect
> = {
  initial: "stored",
  states: {
    stored: {
      activity: "sendRequest",
      on: {
        requestSent: { to: "awaitingResponse", effects: [] },
        // Whoever answers has read it: an answer can come before the send is known to have worked.
        responseAccepted: { to: "responseReceived", effects: [] },
        declineAccepted: { to: "declined", effects: cleanUp },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
        cancelled: { to: "failed", effects: cleanUp },
      },
    },
    awaitingResponse: {
      on: {
        responseAccepted: { to: "responseReceived", effects: [] },
        declineAccepted: { to: "declined", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
        cancelled: { to: "failed", effects: cleanUp },
      },
    },
    responseReceived: {
      on: {
        applyAsked: { to: "downloading", effects: [] },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
        cancelled: { to: "failed", effects: cleanUp },
      },
    },
    downloading: {
      activity: "downloadAndVerifyFile",
      on: {
        fileVerified: { to: "importing", effects: [] },
        interrupted: { to: "responseReceived", effects: [] },
        failedForGood: { to: "failed", effects: cleanUp },
        expiryReached: { to: "expired", effects: cleanUp },
        cancelled: { to: "failed", effects: cleanUp },
      },
    },
    // From here on nothing is asked of anybody else: neither expiry nor a cancelled request undoes an import.
    importing: {
      activity: "importFile",
      on: {
        importCompleted: { to: "applied", effects: cleanUp },
        interrupted: { to: "importing", effects: [] },
        failedForGood: { to: "failed", effects: cleanUp },
      },
    },
    applied: { on: {} },
    expired: { on: {} },
    declined: { on: {} },
    failed: { on: {} },
  },
};

/** XIP-31 `BackupRequestStatus`. */
export type BackupRequestStatus =
  "Pending" | "Expired" | "Applied" | "Failed" | "Declined";

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

/** The status that an app sees. */
export function statusOf(state: RequesterState): BackupRequestStatus {
  return statuses[state];
}
