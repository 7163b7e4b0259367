import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { seedHistory, type SeededMessage } from "@carryover/testkit";
import { carryoverClientOptions } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { type ClientPlace, openClient } from "../account/open-client.js";
import { type HistoryView, viewHistory } from "../account/view-history.js";
import { newWalletKey } from "../account/wallet.js";
import { createDraws, createTexts } from "../world/sample-text.js";
import { serveCalls } from "./serve-calls.js";

/** Half of the conversations are DMs, half are groups with three others. */
export interface SeedSize {
  messages: number;
  conversations: number;
}

/** Makes an installation with a history. */
export interface SeedDevice {
  /** Registers people, makes conversations, and writes a year of messages into them. The database is closed then. */
  seed(place: ClientPlace, size: SeedSize): Promise<HistoryView>;
}

const dayNs = 24n * 60n * 60n * 1_000_000_000n;
/** The library looks for new installations in a DM at most once in five seconds after something was published in it. */
const libraryThrottleMs = 5_000;

serveCalls<SeedDevice>({
  seed: async (place, { messages, conversations }) => {
    const client = await openClient(place, carryoverClientOptions());
    const peers = await registerPeers(place, Math.ceil(conversations / 2));
    const made = await makeConversations(client, peers, conversations);
    const madeAtMs = performance.now();
    await seedHistory(client, writeMessages(client.inboxId, made, messages));
    const view = await viewHistory(client);
    const sinceMs = performance.now() - madeAtMs;
    if (conversations > 0)
      await delay(Math.max(0, libraryThrottleMs + 500 - sinceMs));
    await client.close();
    return view;
  },
});

async function registerPeers(
  place: ClientPlace,
  count: number,
): Promise<string[]> {
  const inboxIds: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const directory = join(place.directory, `peer-${at}`);
    await mkdir(directory);
    const peer = await openClient(
      { ...place, directory, walletKey: newWalletKey() },
      carryoverClientOptions(),
    );
    inboxIds.push(peer.inboxId);
    await peer.close();
  }
  return inboxIds;
}

/** A conversation, and who is in it beside its owner. */
interface Conversation {
  id: string;
  others: string[];
}

async function makeConversations(
  { conversations }: Client<unknown>,
  peers: readonly string[],
  count: number,
): Promise<Conversation[]> {
  const made: Conversation[] = [];
  for (let at = 0; at < count; at += 1) {
    const peerAt = (offset: number) =>
      peers[(Math.floor(at / 2) + offset) % peers.length] ?? "";
    const others =
      at % 2 === 0 ? [peerAt(0)] : [...new Set([0, 1, 2].map(peerAt))];
    const { id } =
      at % 2 === 0
        ? await conversations.createDm(peerAt(0))
        : await conversations.createGroup(others, { groupName: `Group ${at}` });
    made.push({ id, others });
  }
  return made;
}

function* writeMessages(
  own: string,
  conversations: readonly Conversation[],
  count: number,
): Generator<SeededMessage> {
  const draw = createDraws(count);
  const text = createTexts(draw);
  const fromNs = BigInt(Date.now()) * 1_000_000n - 366n * dayNs;
  for (let at = 0; at < count; at += 1) {
    const conversation = conversations[at % conversations.length];
    if (conversation === undefined) return;
    const senders = [own, ...conversation.others];
    yield {
      conversationId: conversation.id,
      text: text(),
      senderInboxId: senders[Math.floor(draw() * senders.length)] ?? own,
      sentAtNs: fromNs + (BigInt(at) * 365n * dayNs) / BigInt(count),
    };
  }
}
