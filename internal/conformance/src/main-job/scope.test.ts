import { createPerson, type Person, type TestClient } from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { find } from "./support/lived-history.js";
import { moveHistory } from "./support/move-history.js";
import { consent, everyConsent } from "./support/sdk-values.js";
import { liveSmallHistory } from "./support/small-history.js";
import { viewHistory } from "./support/view-history.js";
import { createWorld, type Device, type World } from "./support/world.js";

let world: World;
let alix: Person;
let bo: TestClient;
let old: Device;
beforeEach(async () => {
  world = await createWorld();
  alix = createPerson(world.testNetwork);
  bo = await world.someone();
  old = await world.device(alix);
});
afterEach(() => world.close());

const hourNs = 60n * 60n * 1_000_000_000n;

test("only messages of the time range come, and the others are counted", async () => {
  const group = await old.client.conversations.createGroup([bo.inboxId]);
  const times: bigint[] = [];
  for (const text of ["one", "two", "three", "four", "five"]) {
    await group.sendText(text);
    times.push((await group.lastMessage())?.sentAtNs ?? 0n);
  }
  const silent = await old.client.conversations.createGroup([bo.inboxId]);
  const fresh = await world.device(alix);
  const [, startNs = 0n, , endNs = 0n] = times;
  const { report, inbound } = await moveHistory(world, old, fresh, {
    scope: { startNs, endNs, elements: ["messages", "consent"] },
  });
  expect(inbound.scope).toMatchObject({ startNs, endNs });
  expect(report.totals).toMatchObject({ conversations: 2, imported: 2 });
  expect(report.leftOut).toContainEqual({
    reason: "outsideTimeRange",
    conversationCount: 0,
    messageCount: 3,
    otherCount: 0,
  });
  const restored = await find(fresh.client, group.id);
  expect(
    (await restored.messages({ kind: 0 })).map(({ content }) => content),
  ).toEqual(["two", "three"]);
  const empty = await find(fresh.client, silent.id);
  expect(await empty.messages({ kind: 0 })).toEqual([]);
});

test("disappearing messages are left out and counted, and what does not disappear comes", async () => {
  const group = await old.client.conversations.createGroup([bo.inboxId]);
  await group.sendText("stays");
  await group.updateMessageDisappearingSettings(1n, hourNs);
  const goes = await group.sendText("goes");
  await group.sendReaction({
    reference: goes,
    referenceInboxId: old.client.inboxId,
    action: 1,
    content: "⏳",
    schema: 1,
  });
  await group.removeMessageDisappearingSettings();
  await group.sendText("stays, too");
  const fresh = await world.device(alix);
  const { response, report } = await moveHistory(world, old, fresh);
  expect(response.messageCount).toBe(2);
  expect(report.leftOut).toContainEqual({
    reason: "disappearing",
    conversationCount: 1,
    messageCount: 2,
    otherCount: 0,
  });
  const restored = await find(fresh.client, group.id);
  expect(
    (await restored.messages({ kind: 0 })).map(({ content }) => content),
  ).toEqual(["stays", "stays, too"]);
});

test("disappearing messages outside the time range are not counted twice", async () => {
  const group = await old.client.conversations.createGroup([bo.inboxId]);
  await group.updateMessageDisappearingSettings(1n, hourNs);
  await group.sendText("goes, and is too old");
  await group.sendText("goes");
  const startNs = (await group.lastMessage())?.sentAtNs ?? 0n;
  const fresh = await world.device(alix);
  const { report } = await moveHistory(world, old, fresh, {
    scope: { startNs, elements: ["messages", "consent"] },
  });
  expect(
    report.leftOut.filter(({ reason }) => reason !== "backupChannel"),
  ).toEqual([
    expect.objectContaining({ reason: "disappearing", messageCount: 1 }),
  ]);
});

test("a request for consent alone brings consent and no message", async () => {
  const history = await liveSmallHistory(old.client, bo);
  const set = async (id: string, state: keyof typeof consent) =>
    (await find(old.client, id)).updateConsentState(consent[state]);
  await set(history.joined, "denied");
  await old.client.preferences.setConsentStates([
    { entityType: 1, entity: bo.inboxId, state: consent.denied },
  ]);
  const fresh = await world.device(alix);
  const { report, response } = await moveHistory(world, old, fresh, {
    scope: { elements: ["consent"] },
  });
  expect(response).toMatchObject({ conversationCount: 0, messageCount: 0 });
  expect(report.totals).toEqual({
    conversations: 0,
    sent: 0,
    imported: 0,
    alreadyThere: 0,
  });
  expect(await fresh.client.preferences.getConsentState(1, bo.inboxId)).toBe(
    consent.denied,
  );
  // The approval has made the conversations live: they are here, without their past.
  await fresh.client.conversations.syncAll(everyConsent);
  const view = await viewHistory(fresh.client, isBackupChannel);
  expect(view).toMatchObject({
    [history.own]: { messageCount: 0, consent: consent.allowed },
    [history.joined]: { messageCount: 0, consent: consent.denied },
  });
});

test("a request for messages alone leaves consent as it is here", async () => {
  const history = await liveSmallHistory(old.client, bo);
  (await find(old.client, history.joined)).updateConsentState(consent.denied);
  const fresh = await world.device(alix);
  const { report } = await moveHistory(world, old, fresh, {
    scope: { elements: ["messages"] },
  });
  expect(report.totals.imported).toBe(history.messageCount);
  expect((await find(fresh.client, history.joined)).consentState()).toBe(
    consent.unknown,
  );
});
