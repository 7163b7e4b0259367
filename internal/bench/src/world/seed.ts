import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { seedHistory, type SeededMessage } from "@carryover/testkit";
import { carryoverClientOptions } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { openClient } from "../account/open-client.js";
import { newWalletKey, type WalletKey } from "../account/wallet.js";
import { type HistoryView, viewHistory } from "../account/view-history.js";
import { createDraws, createTexts } from "./sample-text.js";
import { startWorld, type World } from "./world.js";

/** An old installation with its history, and the network that it is on; at rest, to be copied for every run. */
export interface Seed {
  walletKey: WalletKey;
  databaseKey: Uint8Array;
  /** Of the old installation's database. */
  oldDirectory: string;
  networkDirectory: string;
  view: HistoryView;
  remove(): Promise<void>;
}

/** Half of the conversations are DMs, half are groups with three others. */
export interface SeedSize {
  messages: number;
  conversations: number;
}

const dayNs = 24n * 60n * 60n * 1_000_000_000n;
/** The library looks for new installations in a DM at most once in five seconds after something was published in it. */
const libraryThrottleMs = 5_000;

/** Registers people, makes conversations, and writes a year of messages into them. */
export async function createSeed({
  messages,
  conversations,
}: SeedSize): Promise<Seed> {
  const world = await startWorld();
  const walletKey = newWalletKey();
  const databaseKey = new Uint8Array(randomBytes(32));
  const oldDirectory = await world.directory("old");
  const client = await openClient(
    { walletKey, apiUrl: world.apiUrl, directory: oldDirectory, databaseKey },
    carryoverClientOptions(),
  );
  const peers = await registerPeers(world, Math.ceil(conversations / 2));
  const made = await makeConversations(client, peers, conversations);
  const madeAtMs = performance.now();
  await seedHistory(client, writeMessages(client.inboxId, made, messages));
  const view = await viewHistory(client);
  const counted = Object.values(view).reduce(
    (sum, { messageCount }) => sum + messageCount,
    0,
  );
  if (counted !== messages || Object.keys(view).length !== conversations)
    throw new Error(
      `seeded ${counted} messages in ${Object.keys(view).length} conversations`,
    );
  if (conversations > 0)
    await delay(
      Math.max(0, libraryThrottleMs + 500 - (performance.now() - madeAtMs)),
    );
  await client.close();
  await world.stop();
  return {
    walletKey,
    databaseKey,
    oldDirectory,
    networkDirectory: world.networkDirectory,
    view,
    remove: () => world.remove(),
  };
}

async function registerPeers(world: World, count: number): Promise<string[]> {
  const inboxIds: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const peer = await openClient(
      {
        walletKey: newWalletKey(),
        apiUrl: world.apiUrl,
        directory: await world.directory(`peer-${at}`),
        databaseKey: new Uint8Array(randomBytes(32)),
      },
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
  const stepNs = (365n * dayNs) / BigInt(count);
  for (let at = 0; at < count; at += 1) {
    const { id, others } =
      conversations[at % conversations.length] ??
      ({ id: "", others: [] } satisfies Conversation);
    const senders = [own, ...others];
    yield {
      conversationId: id,
      text: text(),
      senderInboxId: senders[Math.floor(draw() * senders.length)] ?? own,
      sentAtNs: fromNs + BigInt(at) * stepNs,
    };
  }
}
