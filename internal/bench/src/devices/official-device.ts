import { setTimeout as delay } from "node:timers/promises";
import type {
  ArchiveOptions,
  BackupElementSelectionOption,
  Client,
} from "@xmtp/node-sdk";
import { type ClientPlace, openClient } from "../account/open-client.js";
import {
  countLive,
  everyConsent,
  type HistoryView,
  viewHistory,
} from "../account/view-history.js";
import { monotonicMs } from "../monotonic-ms.js";
import { serveCalls } from "./serve-calls.js";

/** What an installation with the SDK's own device sync does for the bench. */
export interface OfficialDevice {
  open(place: ClientPlace): Promise<void>;
  /** Fetches what is new, in conversations and in the SDK's own groups. */
  catchUp(): Promise<void>;
  /** Fetches what is new, and counts the conversations that can be written in. */
  catchUpAndCountLive(): Promise<number>;
  /** Sends an archive that holds consent alone, to see whether the other installation learns of it. */
  sendProbe(pin: string, serverUrl: string): Promise<void>;
  /** Whether the last one that the other installation sent is known here, after a look. */
  knows(pin: string): Promise<boolean>;
  /** Sends everything. */
  send(
    pin: string,
    serverUrl: string,
  ): Promise<{ startMs: number; endMs: number }>;
  /** Looks for what was sent, and imports it. */
  receive(pin: string): Promise<{ endMs: number }>;
  view(): Promise<HistoryView>;
  live(): Promise<number>;
  peakBytes(): Promise<number>;
  /** Processor time so far, milliseconds. */
  processorMs(): Promise<number>;
  close(): Promise<void>;
}

// The SDK's enum is `const` in its types and absent at run time.
const consent = "Consent" as BackupElementSelectionOption.Consent;
const messages = "Messages" as BackupElementSelectionOption.Messages;
const everything: ArchiveOptions = {
  elements: [consent, messages],
  excludeDisappearingMessages: true,
};

let opened: Client<unknown> | undefined;

const client = () => {
  if (opened === undefined) throw new Error("the device is not open");
  return opened;
};

async function knows(pin: string): Promise<boolean> {
  await client().syncAllDeviceSyncGroups();
  return client()
    .listAvailableArchives(7)
    .some((archive) => archive.pin === pin);
}

serveCalls<OfficialDevice>({
  open: async (place) => {
    opened = await openClient(place);
  },
  catchUp: async () => {
    await client().conversations.syncAll(everyConsent);
    await client().syncAllDeviceSyncGroups();
  },
  catchUpAndCountLive: async () => {
    await client().conversations.syncAll(everyConsent);
    return await countLive(client());
  },
  sendProbe: (pin, serverUrl) =>
    client().sendSyncArchive(
      pin,
      { elements: [consent], excludeDisappearingMessages: true },
      serverUrl,
    ),
  knows,
  send: async (pin, serverUrl) => {
    const startMs = monotonicMs();
    await client().sendSyncArchive(pin, everything, serverUrl);
    return { startMs, endMs: monotonicMs() };
  },
  receive: async (pin) => {
    while (!(await knows(pin))) await delay(5);
    await client().processSyncArchive(pin);
    return { endMs: monotonicMs() };
  },
  view: () => viewHistory(client()),
  live: () => countLive(client()),
  peakBytes: async () => process.resourceUsage().maxRSS * 1024,
  processorMs: async () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  close: () => client().close(),
});
