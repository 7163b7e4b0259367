import { createPerson, type Person, type TestClient } from "@carryover/testkit";
import { adviceFor, isBackupChannel } from "@carryover/xmtp-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectEvents } from "./support/collect-events.js";
import { find } from "./support/lived-history.js";
import { createMovedClock } from "./support/moved-clock.js";
import { ask, askOne, inboundOf, moveHistory } from "./support/move-history.js";
import { everyConsent } from "./support/sdk-values.js";
import { liveSmallHistory } from "./support/small-history.js";
import { viewHistory } from "./support/view-history.js";
import { createWorld, type World } from "./support/world.js";

let world: World;
let alix: Person;
let bo: TestClient;
beforeEach(async () => {
  world = await createWorld();
  alix = createPerson(world.testNetwork);
  bo = await world.someone();
});
afterEach(() => world.close());

const dayMs = 24 * 60 * 60 * 1_000;

test("two old installations are asked with one PIN, both answer, and nothing is added twice", async () => {
  const first = await world.device(alix);
  const history = await liveSmallHistory(first.client, bo);
  const second = await world.device(alix);
  const group = await find(first.client, history.own);
  if (!("addMembers" in group)) throw new Error("not a group");
  // The second one came late: it has what was written since.
  await group.addMembers([]);
  await group.sendText("the second one reads this");
  await second.client.conversations.syncAll(everyConsent);
  const fresh = await world.device(alix);

  const requests = await ask(world, fresh);
  expect(
    new Set(
      requests.map(({ recipientInstallationId }) => recipientInstallationId),
    ),
  ).toEqual(
    new Set([first.client.installationId, second.client.installationId]),
  );
  const [{ verificationPin: pin } = { verificationPin: "" }] = requests;
  const answers = [];
  for (const device of [second, first]) {
    const request = requests.find(
      ({ recipientInstallationId }) =>
        recipientInstallationId === device.client.installationId,
    );
    if (request === undefined) throw new Error("it was not asked");
    const inbound = await inboundOf(device, request.requestId);
    expect(inbound).toMatchObject({ verificationPin: pin, pinState: "unique" });
    const response = await device.carryover.respondToBackupRequest(
      request.requestId,
      "approve",
    );
    answers.push({ requestId: request.requestId, response });
  }
  const { ready } = await fresh.carryover.sync();
  expect(ready).toHaveLength(2);
  const reports = [];
  for (const { requestId } of answers)
    reports.push(
      await fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
    );
  expect(answers.map(({ response }) => response.messageCount)).toEqual([1, 6]);
  expect(reports.map(({ totals }) => totals)).toEqual([
    { conversations: 1, sent: 1, imported: 1, alreadyThere: 0 },
    { conversations: 2, sent: 6, imported: 5, alreadyThere: 1 },
  ]);
  expect(reports.map(({ suppliedBy }) => suppliedBy)).toEqual([
    second.client.installationId,
    first.client.installationId,
  ]);
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(first.client, isBackupChannel),
  );
});

test("the same history from two installations is imported once and found again whole", async () => {
  const devices = [await world.device(alix), await world.device(alix)] as const;
  const [first, second] = devices;
  const { messageCount } = await liveSmallHistory(first.client, bo, [
    second.client,
  ]);
  const fresh = await world.device(alix);
  const requests = await ask(world, fresh);
  for (const { carryover } of devices) {
    const { inboundRequests } = await carryover.sync();
    for (const { requestId } of inboundRequests)
      await carryover.respondToBackupRequest(requestId, "approve");
  }
  await fresh.carryover.sync();
  const totals = [];
  for (const { requestId } of requests)
    totals.push(
      (await fresh.carryover.applyRemoteMessageHistoryBackup(requestId)).totals,
    );
  const common = { conversations: 2, sent: messageCount };
  expect(totals).toEqual([
    { ...common, imported: messageCount, alreadyThere: 0 },
    { ...common, imported: 0, alreadyThere: messageCount },
  ]);
  const view = await viewHistory(fresh.client, isBackupChannel);
  for (const { client } of devices)
    expect(await viewHistory(client, isBackupChannel)).toEqual(view);
});

test("while nobody is online the request stays Pending and says so, then expires, and a late yes sends nothing", async () => {
  const old = await world.device(alix);
  await liveSmallHistory(old.client, bo);
  const clock = createMovedClock();
  const fresh = await world.device(alix, { wrapPorts: clock.wrapPorts });
  const { requestId } = await askOne(world, fresh);
  const status = () =>
    fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(requestId);

  clock.advance(dayMs - 60_000);
  await fresh.carryover.sync();
  expect(await status()).toMatchObject({
    status: "Pending",
    step: "awaitingResponse",
  });
  await expect(
    fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
  ).rejects.toMatchObject({
    code: "responseNotFound",
    retryable: true,
    advice: expect.stringContaining(
      "No app of yours has answered yet",
    ) as unknown,
  });

  clock.advance(60_000);
  expect(await fresh.carryover.sync()).toMatchObject({
    ready: [],
    problems: [],
  });
  expect(await status()).toMatchObject({
    status: "Expired",
    step: "done",
    failure: {
      code: "requestExpired",
      advice: adviceFor("requestExpired"),
    },
  });
  await expect(
    fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
  ).rejects.toMatchObject({ code: "requestExpired", retryable: false });

  // On the other device it is still the day before.
  await inboundOf(old, requestId);
  await expect(
    old.carryover.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({ retryable: false });
  expect(uploads(world)).not.toContain("POST 201");
  await fresh.carryover.sync();
  expect(await viewHistory(fresh.client, isBackupChannel)).toSatisfy(
    (view: Awaited<ReturnType<typeof viewHistory>>) =>
      Object.values(view).every(({ messageCount }) => messageCount === 0),
  );
});

test("a request that nobody looked at is gone from the asked installation after its time", async () => {
  const clock = createMovedClock();
  const old = await world.device(alix, { wrapPorts: clock.wrapPorts });
  await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  clock.advance(dayMs);
  await expect(
    old.carryover.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({ code: "requestExpired" });
  expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
  expect(uploads(world)).toEqual([]);
});

test("a decline is told: the request is Declined, and asking again is possible", async () => {
  const old = await world.device(alix);
  await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  expect(
    await old.carryover.respondToBackupRequest(requestId, "decline"),
  ).toMatchObject({ outcome: "declined", messageCount: 0 });
  await fresh.carryover.sync();
  expect(
    await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(requestId),
  ).toMatchObject({ status: "Declined", step: "done" });
  await expect(
    fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
  ).rejects.toMatchObject({ code: "declined" });
  await expect(
    old.carryover.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({ code: "wrongState" });
  expect(uploads(world)).toEqual([]);

  const { report } = await moveHistory(world, old, fresh);
  expect(report.totals).toMatchObject({ imported: 5 });
});

test("a silent decline leaves the request Pending until it expires", async () => {
  const old = await world.device(alix, { onDecline: "staySilent" });
  const clock = createMovedClock();
  const fresh = await world.device(alix, { wrapPorts: clock.wrapPorts });
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  await old.carryover.respondToBackupRequest(requestId, "decline");
  await fresh.carryover.sync();
  const status = async () =>
    (
      await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(
        requestId,
      )
    ).status;
  expect(await status()).toBe("Pending");
  clock.advance(dayMs);
  await fresh.carryover.sync();
  expect(await status()).toBe("Expired");
});

test("a request that was taken back sends nothing, whatever the other side answers", async () => {
  const old = await world.device(alix);
  await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  await fresh.carryover.cancelRemoteMessageHistoryBackup(requestId);
  expect(
    await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(requestId),
  ).toMatchObject({
    status: "Failed",
    step: "done",
    failure: { code: "cancelled" },
  });
  await expect(
    old.carryover.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({ retryable: false });
  expect(uploads(world)).not.toContain("POST 201");
  expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
  await expect(
    fresh.carryover.applyRemoteMessageHistoryBackup(requestId),
  ).rejects.toMatchObject({ code: "cancelled" });
  await expect(
    fresh.carryover.cancelRemoteMessageHistoryBackup(requestId),
  ).rejects.toMatchObject({ code: "wrongState" });
});

test("an answer that came can still be taken back, and its file is deleted", async () => {
  const old = await world.device(alix);
  await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  await old.carryover.respondToBackupRequest(requestId, "approve");
  await fresh.carryover.sync();
  await fresh.carryover.cancelRemoteMessageHistoryBackup(requestId);
  expect(
    world.storage.provider.requests.map(
      ({ method, status }) => `${method} ${status}`,
    ),
  ).toContain("DELETE 204");
});

test("an account without another installation is told so, and nothing is sent", async () => {
  const only = await world.device(alix);
  world.testNetwork.network.calls.clear();
  await expect(ask(world, only)).rejects.toMatchObject({
    code: "noOtherInstallations",
    retryable: false,
  });
  expect(
    world.testNetwork.network.calls.count({ method: "SendGroupMessages" }),
  ).toBe(0);
  expect(world.storage.provider.requests).toEqual([]);
  expect(await only.carryover.listOutboundBackupRequests()).toEqual([]);
});

test("an installation that comes after the request is neither asked nor answered, and can ask for itself", async () => {
  const old = await world.device(alix);
  const { messageCount } = await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  const late = await world.device(alix);
  const events = collectEvents(late);
  await inboundOf(old, requestId);
  await old.carryover.respondToBackupRequest(requestId, "approve");
  expect(await late.carryover.sync()).toEqual({
    inboundRequests: [],
    ready: [],
    problems: [],
  });
  await fresh.carryover.sync();
  const { totals } =
    await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
  expect(totals).toMatchObject({ imported: messageCount });
  await late.carryover.sync();
  expect(events.filter(({ kind }) => kind !== "messageIgnored")).toEqual([]);

  const requests = await ask(world, late);
  expect(requests).toHaveLength(2);
  for (const { carryover } of [old, fresh]) {
    const { inboundRequests } = await carryover.sync();
    expect(inboundRequests).toHaveLength(1);
    for (const inbound of inboundRequests)
      await carryover.respondToBackupRequest(inbound.requestId, "approve");
  }
  await late.carryover.sync();
  for (const request of requests)
    await late.carryover.applyRemoteMessageHistoryBackup(request.requestId);
  expect(await viewHistory(late.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
});

test("asked again after an applied one, everything is there already, and no channel is in the file", async () => {
  const old = await world.device(alix);
  const { messageCount } = await liveSmallHistory(old.client, bo);
  const fresh = await world.device(alix);
  const first = await moveHistory(world, old, fresh);
  const second = await moveHistory(world, old, fresh);
  expect(second.request.requestId).not.toBe(first.request.requestId);
  expect(second.report.totals).toEqual({
    conversations: 2,
    sent: messageCount,
    imported: 0,
    alreadyThere: messageCount,
  });
  expect(second.response.leftOut).toMatchObject([
    { reason: "backupChannel", conversationCount: 2 },
  ]);
  expect(await fresh.carryover.listOutboundBackupRequests()).toMatchObject([
    { requestId: second.request.requestId, status: "Applied" },
    { requestId: first.request.requestId, status: "Applied" },
  ]);
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
});

test("two new installations ask at the same time, and each gets its own answer", async () => {
  const old = await world.device(alix);
  const { messageCount } = await liveSmallHistory(old.client, bo);
  const [phone, laptop] = [await world.device(alix), await world.device(alix)];
  await ask(world, phone);
  await ask(world, laptop);
  const { inboundRequests } = await old.carryover.sync();
  expect(
    new Set(inboundRequests.map(({ installationId }) => installationId)),
  ).toEqual(
    new Set([phone.client.installationId, laptop.client.installationId]),
  );
  await Promise.all(
    inboundRequests.map(({ requestId }) =>
      old.carryover.respondToBackupRequest(requestId, "approve"),
    ),
  );
  for (const { carryover } of [phone, laptop]) {
    const [{ requestId } = { requestId: "" }] = (await carryover.sync()).ready;
    const { totals } =
      await carryover.applyRemoteMessageHistoryBackup(requestId);
    expect(totals).toMatchObject({ imported: messageCount });
  }
});

/** What reached the storage provider of uploads. */
function uploads({ storage }: World): string[] {
  return storage.provider.requests
    .filter(({ method, route }) => method === "POST" && route === "/backups")
    .map(({ method, status }) => `${method} ${status}`);
}
