import { afterAll, beforeAll, expect, test } from "vitest";
import { nowNs, sendBytes } from "../hostile/hostile-installation.js";
import {
  codeOf,
  historyOf,
  ignoredReasons,
  sentTo,
  takeRecord,
} from "./support/evidence.js";
import { createScene } from "./support/scene.js";
import { createStage, only, type Stage } from "./support/stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const minuteNs = 60_000_000_000n;
const hourNs = 60n * minuteNs;

test("security rule 4: a replayed request is ignored while it waits, after it was answered and after a restart", async () => {
  const { old, ask, channel, whatArrives } = await createScene(stage);
  const { request, content } = await ask();
  await sendBytes(channel, content);
  expect(await whatArrives()).toEqual({
    shown: 1,
    reasons: ["requestReplayed"],
  });
  await old.carryover.respondToBackupRequest(request.requestId, "approve");
  const before = takeRecord(stage);
  const historyBefore = await historyOf(old.client);
  await sendBytes(channel, content);
  const sent = sentTo(stage, channel.id);
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["requestReplayed", "requestReplayed"],
  });
  const restarted = await old.restart();
  await sendBytes(channel, content);
  expect((await restarted.carryover.sync()).inboundRequests).toEqual([]);
  expect(new Set(ignoredReasons(restarted.events))).toEqual(
    new Set(["requestReplayed"]),
  );
  expect(
    await codeOf(
      restarted.carryover.respondToBackupRequest(request.requestId, "approve"),
    ),
  ).toBe("wrongState");
  expect(takeRecord(stage)).toEqual(before);
  expect(sentTo(stage, channel.id)).toBe(sent + 1);
  expect(await historyOf(old.client)).toEqual(historyBefore);
});

test.each([
  ["was declined", "decline"],
  ["was answered", "approve"],
] as const)(
  "security rule 4: the id of a request that %s is not taken for another one",
  async (_name, decision) => {
    const { old, ask, whatArrives } = await createScene(stage);
    const { request } = await ask();
    await old.carryover.sync();
    await old.carryover.respondToBackupRequest(request.requestId, decision);
    const before = takeRecord(stage);
    await ask({ requestId: request.requestId });
    expect(await whatArrives()).toEqual({
      shown: 0,
      reasons: ["requestReplayed"],
    });
    expect(takeRecord(stage)).toEqual(before);
  },
);

test.each([
  [
    "that has expired",
    { createdAtNs: -hourNs, expiresAtNs: -minuteNs },
    "requestExpired",
  ],
  [
    "from the future",
    { createdAtNs: 10n * minuteNs, expiresAtNs: hourNs },
    "requestFromTheFuture",
  ],
  [
    "older than the app allows, though it says that it still lives",
    { createdAtNs: -25n * hourNs, expiresAtNs: hourNs },
    "requestExpired",
  ],
] as const)(
  "security rule 4: a request %s is ignored",
  async (_name, { createdAtNs, expiresAtNs }, reason) => {
    const { old, ask, whatArrives } = await createScene(stage);
    const before = takeRecord(stage);
    const now = nowNs();
    const { request } = await ask({
      createdAtNs: now + createdAtNs,
      expiresAtNs: now + expiresAtNs,
    });
    expect(await whatArrives()).toEqual({ shown: 0, reasons: [reason] });
    expect(
      await codeOf(
        old.carryover.respondToBackupRequest(request.requestId, "approve"),
      ),
    ).toBe("requestNotFound");
    expect(takeRecord(stage)).toEqual(before);
  },
);

test("security rule 4: a request that expires while a person thinks is not answered", async () => {
  let shiftNs = 0n;
  const { old, ask, channel } = await createScene(stage, {
    wrapPorts: (ports) => ({
      ...ports,
      clock: { ...ports.clock, nowNs: () => ports.clock.nowNs() + shiftNs },
    }),
  });
  const { request } = await ask();
  await old.carryover.sync();
  const before = takeRecord(stage);
  const sent = sentTo(stage, channel.id);
  shiftNs = hourNs;
  expect(
    await codeOf(
      old.carryover.respondToBackupRequest(request.requestId, "approve"),
    ),
  ).toBe("requestExpired");
  expect(takeRecord(stage)).toEqual(before);
  expect(sentTo(stage, channel.id)).toBe(sent);
  expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
});

test("security rule 4: the same message, read again by every sync and after a restart, is one request", async () => {
  const { old, ask } = await createScene(stage);
  await ask();
  await old.carryover.sync();
  const restarted = await old.restart();
  await restarted.carryover.sync();
  only((await restarted.carryover.sync()).inboundRequests);
  expect(ignoredReasons([...old.events, ...restarted.events])).toEqual([]);
});
