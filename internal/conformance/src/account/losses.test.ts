import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { newInstallation } from "@carryover/testkit";
import { verifyBackupAccountFile } from "@carryover/xmtp-node";
import { createMovedClock } from "../main-job/support/moved-clock.js";
import {
  createScene,
  leftIn,
  losePhone,
  type Scene,
  say,
  secret,
  textsOf,
  workOptions,
  writesTo,
} from "./support/lost-phone.js";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.world.close();
  scene = undefined;
});

const dayMs = 24 * 60 * 60 * 1_000;
const ns = (ms: number) => BigInt(ms) * 1_000_000n;

test("beyond the network's retention a file restores what it has and what is left, and says which time is missing", async () => {
  scene = await createScene();
  const { world, alix, bo, groupId, file, created } = scene;
  await say(bo, groupId, "pruned before anybody fetched it");
  world.testNetwork.network.prune({ applicationMessagesNs: 0n });
  await say(bo, groupId, "still there");
  await losePhone(scene);
  const clock = createMovedClock();
  clock.advance(40 * dayMs);
  const fresh = await world.device(alix, { wrapPorts: clock.wrapPorts });
  const beforeMs = Date.now();
  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(await textsOf(fresh.client)).toEqual({
    [groupId]: ["group, before, Alix", "group, before, Bo", "still there"],
  });
  expect(report.file.daysLeft).toMatchObject({
    state: "refreshNow",
    messages: { state: "passed" },
    newConversations: { state: "open" },
  });
  const [missing, ...more] = report.file.missing;
  expect(more).toEqual([]);
  if (missing?.kind !== "messages") throw new Error("no messages missing");
  expect(missing.fromNs / 1_000_000n).toBe(
    BigInt(created.summary.refreshedAtMs),
  );
  // 30 days before the moved now.
  expect(missing.untilNs).toBeGreaterThanOrEqual(ns(beforeMs + 10 * dayMs));
  expect(missing.untilNs).toBeLessThan(ns(beforeMs + 11 * dayMs));
});

test("without a key package new conversations leave the file out: the others are restored, and the report says since when", async () => {
  scene = await createScene();
  const { world, alix, phone, bo, groupId, file, created } = scene;
  world.testNetwork.network.prune({ keyPackagesNs: 0n });
  // The network takes a conversation when one of the installations can be added.
  const tablet = await newInstallation(alix);
  const left = await bo.conversations.createGroup([phone.client.inboxId]);
  await left.sendText("only the tablet is in here");
  await say(bo, groupId, "after");
  await losePhone(scene);
  await tablet.close();
  const fresh = await world.device(alix);
  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(await textsOf(fresh.client)).toEqual({
    [groupId]: ["group, before, Alix", "group, before, Bo", "after"],
  });
  expect(
    report.file.missing.map((each) => ({
      ...each,
      fromNs: each.fromNs / 1_000_000n,
    })),
  ).toEqual([
    {
      kind: "newConversations",
      reason: "keyPackageMissing",
      fromNs: BigInt(created.summary.refreshedAtMs),
    },
  ]);
});

test("after 84 days the key package has run out by the date in the file", async () => {
  scene = await createScene();
  const { world, alix, file, created } = scene;
  await losePhone(scene);
  const clock = createMovedClock();
  clock.advance(85 * dayMs);
  const fresh = await world.device(alix, { wrapPorts: clock.wrapPorts });
  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(report.totals.imported).toBe(2);
  expect(report.file.missing).toMatchObject([
    { kind: "messages", reason: "beyondRetention" },
    {
      kind: "newConversations",
      reason: "keyPackageExpired",
      fromNs: ns(created.summary.keyPackageExpiresAtMs),
    },
  ]);
});

test("the restore drill says what a restore would bring, and leaves nothing, here or on the network", async () => {
  scene = await createScene();
  const { world, bo, groupId, file, path, created } = scene;
  await say(bo, groupId, "after");
  const bytes = await readFile(path);
  const work = await workOptions(world);
  world.testNetwork.network.calls.clear();
  const report = await verifyBackupAccountFile({ file, secret, ...work });
  expect(report).toMatchObject({
    file: { summary: created.summary, copy: "newest", missing: [] },
    sizeBytes: bytes.length,
    conversations: [{ conversationId: groupId, sent: 3, imported: 3 }],
    totals: { conversations: 1, messages: 3 },
  });
  expect(writesTo(world)).toEqual([]);
  expect(bytes.equals(await readFile(path))).toBe(true);
  expect(await leftIn(work.directory)).toEqual([]);
});
