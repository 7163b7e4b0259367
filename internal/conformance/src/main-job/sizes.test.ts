import { createHash } from "node:crypto";
import {
  createPerson,
  type Person,
  seedHistory,
  type TestClient,
} from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { moveHistory } from "./support/move-history.js";
import { createRandom } from "./support/random.js";
import { viewHistory } from "./support/view-history.js";
import { createWorld, type Device, type World } from "./support/world.js";

// The SDK's importer forgets where it is when a record does not come in one piece, and then spins for ever (records of
// more than about a kilobyte). Which sizes follow which decides, so the mixtures are drawn: each seed is another one.

const KiB = 1024;
const importTimeoutMs = 20_000;

let world: World;
let bo: TestClient;
let alix: Person;
let old: Device;
beforeEach(async () => {
  world = await createWorld();
  alix = createPerson(world.testNetwork);
  bo = await world.someone();
  // A hanging importer fails the test instead of stopping it.
  old = await world.device(alix, { importTimeoutMs });
});
afterEach(() => world.close());

async function seedSizes(sizes: readonly number[]): Promise<void> {
  const conversations = [
    await old.client.conversations.createGroup([bo.inboxId]),
    await old.client.conversations.createGroup([bo.inboxId]),
  ];
  const start = BigInt(Date.now() - 86_400_000) * 1_000_000n;
  await seedHistory(
    old.client,
    sizes.map((bytes, index) => ({
      conversationId: conversations[index % conversations.length]?.id ?? "",
      text: textOf(bytes, index),
      senderInboxId: index % 3 === 0 ? bo.inboxId : old.client.inboxId,
      sentAtNs: start + BigInt(index) * 1_000_000n,
    })),
  );
}

/** Of exactly so many bytes, and hard to compress. */
function textOf(bytes: number, index: number): string {
  let text = "";
  for (let block = 0; text.length < bytes; block += 1)
    text += createHash("sha512").update(`${index}.${block}`).digest("base64");
  return text.slice(0, bytes);
}

async function expectMove(messageCount: number): Promise<void> {
  const fresh = await world.device(alix, { importTimeoutMs });
  const { report } = await moveHistory(world, old, fresh);
  expect(report.totals).toMatchObject({
    sent: messageCount,
    imported: messageCount,
  });
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
}

async function expectSizes(sizes: readonly number[]): Promise<void> {
  await seedSizes(sizes);
  await expectMove(sizes.length);
}

/** Sizes from 0 to 1 MB: every order of magnitude is as likely as every other, and the edges are likely. */
function drawSizes(seed: number, budgetBytes: number): number[] {
  const random = createRandom(seed);
  const edges = [0, 1, 699, 700, 701, 1023, 1024, 1025, 8 * KiB, 64 * KiB];
  const sizes: number[] = [];
  for (let sum = 0; sum < budgetBytes; sum += sizes.at(-1) ?? 0)
    sizes.push(
      random() < 0.3
        ? (edges[Math.floor(random() * edges.length)] ?? 0)
        : Math.floor(2 ** (random() * 20)),
    );
  return sizes;
}

test.each([1, 2, 3, 4, 5, 6])(
  "a mixture of messages from 0 bytes to 1 MB arrives whole: seed %i",
  async (seed) => {
    await expectSizes(drawSizes(seed, 3 * KiB * KiB));
  },
);

test("many messages of just over a kilobyte arrive", async () => {
  await expectSizes(Array.from({ length: 700 }, (_, index) => 980 + index));
});

test("messages of a megabyte, one after the other, between empty ones arrive", async () => {
  const MB = 1_000_000;
  await expectSizes([0, MB, MB, 0, 0, MB, 1, MB, 0]);
});

test("a message of a megabyte that was really sent arrives", async () => {
  const group = await old.client.conversations.createGroup([bo.inboxId]);
  await group.sendText("small");
  await group.sendText(textOf(1_000_000, 1));
  await group.sendText("");
  await expectMove(3);
});
