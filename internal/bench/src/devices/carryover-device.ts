import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type {
  Carryover,
  CarryoverEvent,
  ImportReport,
  OutboundRequest,
} from "@carryover/client";
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
  /** Waits for the request and says yes to it. */
  untilAsked(requestId: string): Promise<void>;
  approve(requestId: string): Promise<Span>;
  /** Waits for the answer and applies it. The span begins with the answer. */
  applyWhenAnswered(
    requestId: string,
  ): Promise<Span & { totals: ImportReport["totals"] }>;
  view(): Promise<HistoryView>;
  live(): Promise<number>;
  /** Largest resident size so far, bytes. */
  peakBytes(): Promise<number>;
  close(): Promise<void>;
}

const recorder = createRecorder();
let opened: { client: Client<unknown>; carryover: Carryover } | undefined;
let storage = "";
const events: CarryoverEvent[] = [];
const onEvent = new Set<() => void>();

const device = () => {
  if (opened === undefined) throw new Error("the device is not open");
  return opened;
};

/** Waits for an event; the process that asked has a deadline. */
function untilEvent(wanted: (event: CarryoverEvent) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!events.some(wanted)) return;
      onEvent.delete(look);
      resolve();
    };
    onEvent.add(look);
    look();
  });
}

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
    carryover.subscribe((event) => {
      events.push(event);
      for (const look of onEvent) look();
    });
    await carryover.start();
    storage = storageUrl;
    opened = { client, carryover };
  },
  catchUp: async () => {
    await device().client.conversations.syncAll(everyConsent);
  },
  request: async () => {
    const startMs = monotonicMs();
    const requests: OutboundRequest[] =
      await device().carryover.requestRemoteMessageHistoryBackup({
        storageProviderUrl: storage,
        appName: "Bench",
      });
    const endMs = monotonicMs();
    const [request, ...others] = requests;
    if (request === undefined || others.length > 0)
      throw new Error("not one installation was asked");
    const { requestId } = request;
    return { requestId, startMs, endMs, intervals: recorder.intervals };
  },
  untilAsked: (requestId) =>
    untilEvent(
      (event) =>
        event.kind === "inboundRequest" &&
        event.request.requestId === requestId,
    ),
  approve: async (requestId) => {
    const startMs = monotonicMs();
    await device().carryover.respondToBackupRequest(requestId, "approve");
    const endMs = monotonicMs();
    return { startMs, endMs, intervals: recorder.intervals };
  },
  applyWhenAnswered: async (requestId) => {
    await untilEvent(
      (event) =>
        event.kind === "responseReceived" &&
        event.request.requestId === requestId,
    );
    const startMs = monotonicMs();
    const { totals } =
      await device().carryover.applyRemoteMessageHistoryBackup(requestId);
    const endMs = monotonicMs();
    return { totals, startMs, endMs, intervals: recorder.intervals };
  },
  view: () => viewHistory(device().client),
  live: () => countLive(device().client),
  peakBytes: async () => process.resourceUsage().maxRSS * 1024,
  close: async () => {
    const { client, carryover } = device();
    await carryover.close();
    await client.close();
  },
});
