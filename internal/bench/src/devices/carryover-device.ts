import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Carryover } from "@carryover/client";
import { carryoverClientOptions } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { type ClientPlace, openClient } from "../account/open-client.js";
import {
  countLive,
  everyConsent,
  type HistoryView,
  viewHistory,
} from "../account/view-history.js";
import { createRecorder, type Interval } from "../intervals.js";
import { monotonicMs } from "../monotonic-ms.js";
import { assembleCarryover } from "./assemble-carryover.js";
import { serveCalls } from "./serve-calls.js";

/** When a call began and ended, and what went on since the process started. */
export interface Span {
  startMs: number;
  endMs: number;
  intervals: Interval[];
}

/** What an installation with Carryover does for the bench. */
export interface CarryoverDevice {
  open(place: ClientPlace, storageUrl: string): Promise<void>;
  /** Fetches what is new, before anything is timed. */
  catchUp(): Promise<void>;
  /** Asks the one other installation. */
  request(): Promise<Span & { requestId: string }>;
  /** Fetches the request, before anything is timed. */
  fetchRequest(requestId: string): Promise<void>;
  approve(requestId: string): Promise<Span>;
  /** Fetches the answer and applies it. */
  apply(requestId: string): Promise<Span>;
  view(): Promise<HistoryView>;
  live(): Promise<number>;
  /** Largest resident size so far, bytes. */
  peakBytes(): Promise<number>;
  /** Processor time so far, milliseconds. */
  processorMs(): Promise<number>;
  close(): Promise<void>;
}

const recorder = createRecorder();
let opened: { client: Client<unknown>; carryover: Carryover } | undefined;
let storage = "";

const device = () => {
  if (opened === undefined) throw new Error("the device is not open");
  return opened;
};

serveCalls<CarryoverDevice>({
  open: async (place, storageUrl) => {
    const client = await openClient(place, carryoverClientOptions());
    const carryover = await assembleCarryover(
      client,
      {
        directory: join(place.directory, "carryover"),
        encryptionKey: new Uint8Array(randomBytes(32)),
        storageUrl,
      },
      recorder,
    );
    storage = storageUrl;
    opened = { client, carryover };
  },
  catchUp: async () => {
    await device().client.conversations.syncAll(everyConsent);
  },
  request: async () => {
    const startMs = monotonicMs();
    const [request, ...others] =
      await device().carryover.requestRemoteMessageHistoryBackup({
        storageProviderUrl: storage,
        appName: "Bench",
      });
    const endMs = monotonicMs();
    if (request === undefined || others.length > 0)
      throw new Error("not one installation was asked");
    const { requestId } = request;
    return { requestId, startMs, endMs, intervals: recorder.intervals };
  },
  fetchRequest: async (requestId) => {
    const { inboundRequests } = await device().carryover.sync();
    if (!inboundRequests.some((request) => request.requestId === requestId))
      throw new Error("the request did not arrive");
  },
  approve: async (requestId) => {
    const startMs = monotonicMs();
    await device().carryover.respondToBackupRequest(requestId, "approve");
    const endMs = monotonicMs();
    return { startMs, endMs, intervals: recorder.intervals };
  },
  apply: async (requestId) => {
    const startMs = monotonicMs();
    await device().carryover.sync();
    await device().carryover.applyRemoteMessageHistoryBackup(requestId);
    const endMs = monotonicMs();
    return { startMs, endMs, intervals: recorder.intervals };
  },
  view: () => viewHistory(device().client),
  live: () => countLive(device().client),
  peakBytes: async () => process.resourceUsage().maxRSS * 1024,
  processorMs: async () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  close: async () => {
    const { client, carryover } = device();
    await carryover.close();
    await client.close();
  },
});
