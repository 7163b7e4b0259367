import { createPerson, type Person, type TestClient } from "@carryover/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { find } from "./support/lived-history.js";
import { ask, askOne, inboundOf, moveHistory } from "./support/move-history.js";
import { consent, everyConsent } from "./support/sdk-values.js";
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

const consentOf = async (client: TestClient, id: string) =>
  (await find(client, id)).consentState();

test("what a person chose on the new installation stays, whatever the old one has", async () => {
  const groups = await Promise.all(
    [0, 1].map(() => bo.conversations.createGroup([old.client.inboxId])),
  );
  const [liked, disliked] = groups.map(({ id }) => id);
  await old.client.conversations.syncAll(everyConsent);
  for (const [id, state] of [
    [liked, consent.denied],
    [disliked, consent.allowed],
  ] as const)
    (await find(old.client, id ?? "")).updateConsentState(state);
  const fresh = await world.device(alix);
  for (const group of groups) {
    await group.addMembers([]);
    await group.sendText("hello to both of your devices");
  }
  await fresh.client.conversations.syncAll(everyConsent);
  for (const [id, state] of [
    [liked, consent.allowed],
    [disliked, consent.denied],
  ] as const)
    (await find(fresh.client, id ?? "")).updateConsentState(state);

  await moveHistory(world, old, fresh);
  expect(await consentOf(fresh.client, liked ?? "")).toBe(consent.allowed);
  expect(await consentOf(fresh.client, disliked ?? "")).toBe(consent.denied);
  expect(await consentOf(old.client, liked ?? "")).toBe(consent.denied);
});

test("an own group that was denied stays denied when it comes live only long after the import", async () => {
  const group = await old.client.conversations.createGroup([bo.inboxId]);
  await group.sendText("a bad idea");
  await bo.conversations.syncAll(everyConsent);
  group.updateConsentState(consent.denied);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  // Nobody can be added to a group while the network gives no key packages out.
  const noKeyPackages = world.testNetwork.network.faults.inject({
    method: "FetchKeyPackages",
    fault: { kind: "error", code: "unavailable" },
    times: "untilCleared",
  });
  const { notMadeLive } = await old.carryover.respondToBackupRequest(
    requestId,
    "approve",
  );
  noKeyPackages.clear();
  expect(notMadeLive).toEqual([group.id]);
  await fresh.carryover.sync();
  const { conversations } =
    await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
  expect(conversations).toMatchObject([
    { conversationId: group.id, imported: 1, liveness: "inactive" },
  ]);
  expect(await consentOf(fresh.client, group.id)).toBe(consent.denied);

  const theirs = await find(bo, group.id);
  if (!("addMembers" in theirs)) throw new Error("not a group");
  await theirs.addMembers([]);
  await fresh.carryover.sync();
  expect((await find(fresh.client, group.id)).isActive).toBe(true);
  expect(await consentOf(fresh.client, group.id)).toBe(consent.denied);

  // It was put back once: what the person chooses from now on stays.
  (await find(fresh.client, group.id)).updateConsentState(consent.allowed);
  await fresh.carryover.sync();
  expect(await consentOf(fresh.client, group.id)).toBe(consent.allowed);
});

test("an installation whose key package is gone keeps no conversation from coming live", async () => {
  const dana = createPerson(world.testNetwork);
  await world.device(dana);
  const afterFirstNs = nowNs();
  const danasOld = await world.device(dana);
  const { network } = world.testNetwork;
  expect(
    network.prune({ keyPackagesNs: nowNs() - afterFirstNs }),
  ).toMatchObject({
    keyPackages: 3,
  });
  const dm = await bo.conversations.createDm(danasOld.client.inboxId);
  await dm.sendText("hello");
  await danasOld.client.conversations.syncAll(everyConsent);
  const fresh = await world.device(dana);
  const requests = await ask(world, fresh);
  expect(requests).toHaveLength(2);
  const { requestId = "" } =
    requests.find(
      ({ recipientInstallationId }) =>
        recipientInstallationId === danasOld.client.installationId,
    ) ?? {};
  await inboundOf(danasOld, requestId);
  const { notMadeLive } = await danasOld.carryover.respondToBackupRequest(
    requestId,
    "approve",
  );
  expect(notMadeLive).toEqual([]);
  await fresh.carryover.sync();
  await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
  await (await find(fresh.client, dm.id)).sendText("it is live");
});

test("consent on the old installation is what it was, also when the approval is stopped in the middle of making live", async () => {
  const dm = await bo.conversations.createDm(old.client.inboxId);
  await dm.sendText("buy this");
  await old.client.conversations.syncAll(everyConsent);
  (await find(old.client, dm.id)).updateConsentState(consent.denied);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  const stop = new AbortController();
  await expect(
    old.carryover.respondToBackupRequest(requestId, "approve", {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === "makingConversationsLive") stop.abort();
      },
    }),
  ).rejects.toMatchObject({ code: "aborted", retryable: true });
  expect(await consentOf(old.client, dm.id)).toBe(consent.denied);
  const { problems } = await old.carryover.sync();
  expect(problems).toEqual([]);
  expect(await consentOf(old.client, dm.id)).toBe(consent.denied);
  await fresh.carryover.sync();
  await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
  expect(await consentOf(fresh.client, dm.id)).toBe(consent.denied);
});

const nowNs = () => BigInt(Date.now()) * 1_000_000n;
