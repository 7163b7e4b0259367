import { afterAll, beforeAll, expect, test } from "vitest";
import { pin } from "../hostile/hostile-installation.js";
import { codeOf, historyOf, sentTo, takeRecord } from "./support/evidence.js";
import { createScene } from "./support/scene.js";
import {
  createStage,
  type Device,
  only,
  requestOptions,
  type Stage,
  startListening,
} from "./support/stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

test("security rule 3: without an approval no byte leaves, however long the request waits and whatever else is done", async () => {
  const { old, ask, channel } = await createScene(stage);
  const before = takeRecord(stage);
  const { request } = await ask();
  const sent = sentTo(stage, channel.id);
  await startListening(stage, old);
  for (let round = 0; round < 3; round += 1) await old.carryover.sync();
  expect(await old.carryover.listInboundBackupRequests()).toHaveLength(1);
  const restarted = await old.restart();
  await restarted.carryover.sync();
  expect(
    await codeOf(
      restarted.carryover.applyRemoteMessageHistoryBackup(request.requestId),
    ),
  ).toBe("requestNotFound");
  expect(takeRecord(stage)).toEqual(before);
  expect(sentTo(stage, channel.id)).toBe(sent);
});

test("security rule 3: one approval serves one request, once", async () => {
  const { old, ask, answers } = await createScene(stage);
  const { request } = await ask();
  await ask({ verificationPin: pin("4321") });
  await old.carryover.sync();
  const before = takeRecord(stage);
  const approve = ({ carryover }: Device) =>
    carryover.respondToBackupRequest(request.requestId, "approve");
  // A person who clicks twice has said yes once.
  const [report] = await Promise.all([approve(old), approve(old)]);
  expect(report).toMatchObject({ outcome: "responded", messageCount: 1 });
  const waiting = async () => (await old.carryover.sync()).inboundRequests;
  const other = [{ verificationPin: "4321", state: "awaitingConsent" }];
  expect(await waiting()).toMatchObject(other);
  expect(await codeOf(approve(old))).toBe("wrongState");
  expect(await waiting()).toMatchObject(other);
  const restarted = await old.restart();
  await restarted.carryover.sync();
  expect(await codeOf(approve(restarted))).toBe("wrongState");
  expect(takeRecord(stage)).toEqual({ ...before, uploads: before.uploads + 1 });
  expect(await answers()).toBe(1);
});

test("security rule 3: a declined request gets nothing, whoever approves it afterwards", async () => {
  const { old, ask } = await createScene(stage);
  const { request } = await ask();
  await old.carryover.sync();
  const before = takeRecord(stage);
  const historyBefore = await historyOf(old.client);
  await old.carryover.respondToBackupRequest(request.requestId, "decline");
  expect(
    await codeOf(
      old.carryover.respondToBackupRequest(request.requestId, "approve"),
    ),
  ).toBe("wrongState");
  await old.carryover.sync();
  expect(takeRecord(stage)).toEqual(before);
  expect(await historyOf(old.client)).toEqual(historyBefore);
});

test("security rule 3: three wrong PINs in enter mode close the request, and the right one comes too late", async () => {
  const { old, ask, channel } = await createScene(stage, { pinMode: "enter" });
  const { request } = await ask({ verificationPin: pin("0042") });
  await old.carryover.sync();
  expect(
    only(await old.carryover.listInboundBackupRequests()),
  ).not.toHaveProperty("verificationPin");
  const before = takeRecord(stage);
  const sent = sentTo(stage, channel.id);
  const type = (typed?: string) =>
    codeOf(
      old.carryover.respondToBackupRequest(
        request.requestId,
        "approve",
        typed === undefined ? {} : { pin: typed },
      ),
    );
  expect(await type()).toBe("pinRequired");
  expect(await type("0043")).toBe("pinWrong");
  expect(await type("0024")).toBe("pinWrong");
  expect(await type("4200")).toBe("pinTriesUsedUp");
  expect(await type("0042")).toBe("wrongState");
  expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
  expect(takeRecord(stage)).toEqual(before);
  expect(sentTo(stage, channel.id)).toBe(sent);
});

test("security rule 3: in enter mode the right PIN, and nothing less, is an approval", async () => {
  const { old, ask } = await createScene(stage, { pinMode: "enter" });
  const { request } = await ask({ verificationPin: pin("0042") });
  await old.carryover.sync();
  const before = takeRecord(stage);
  expect(
    await codeOf(
      old.carryover.respondToBackupRequest(request.requestId, "approve"),
    ),
  ).toBe("pinRequired");
  expect(takeRecord(stage)).toEqual(before);
  const report = await old.carryover.respondToBackupRequest(
    request.requestId,
    "approve",
    { pin: "0042" },
  );
  expect(report.outcome).toBe("responded");
});

test("security rule 3: two installations that are asked need a yes each; that of one does not make the other answer", async () => {
  const alix = stage.person();
  const [first, second] = [await stage.device(alix), await stage.device(alix)];
  const dm = await first.client.conversations.createDm(stage.bo.inboxId);
  await dm.sendText("hello");
  const fresh = await stage.device(alix);
  const requests = await fresh.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(stage.storage),
  );
  expect(requests).toHaveLength(2);
  const before = takeRecord(stage);
  const { requestId } = only((await first.carryover.sync()).inboundRequests);
  expect((await second.carryover.sync()).inboundRequests).toHaveLength(1);
  await first.carryover.respondToBackupRequest(requestId, "approve");
  expect((await second.carryover.sync()).inboundRequests).toMatchObject([
    { state: "awaitingConsent" },
  ]);
  expect(
    await codeOf(second.carryover.respondToBackupRequest(requestId, "approve")),
  ).toBe("requestNotFound");
  expect(takeRecord(stage).uploads).toBe(before.uploads + 1);
});
