import { afterEach, expect, test } from "vitest";
import { collectEvents } from "../main-job/support/collect-events.js";
import { type Device, requestOptions } from "../main-job/support/world.js";
import { codeOf, createScene, type Scene } from "./support/lost-phone.js";
import { stealFile } from "./support/stolen-file.js";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.world.close();
  scene = undefined;
});

test("a stolen file cannot ask for older history: not the installation that made it, and not one that heard of it", async () => {
  let laptop: Device | undefined;
  scene = await createScene({
    before: async (_phone, _bo, alix, world) => {
      laptop = await world.device(alix);
    },
  });
  if (laptop === undefined) throw new Error("no laptop");
  await laptop.carryover.sync();
  const { world, phone } = scene;
  const thief = await stealFile(scene);
  const [asked] = await thief.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  for (const device of [phone, laptop]) {
    const events = collectEvents(device);
    const { inboundRequests } = await device.carryover.sync();
    expect(inboundRequests).toEqual([]);
    expect(events).toContainEqual({
      kind: "messageIgnored",
      reason: "senderIsBackupInstallation",
    });
    expect(
      await codeOf(
        device.carryover.respondToBackupRequest(
          asked?.requestId ?? "",
          "approve",
        ),
      ),
    ).toBe("requestNotFound");
  }
  await thief.carryover.sync();
  expect(
    await codeOf(
      thief.carryover.applyRemoteMessageHistoryBackup(asked?.requestId ?? ""),
    ),
  ).toBe("responseNotFound");
});

test("an installation that was made later hears of the role from one that knows: a request that it shows already is closed", async () => {
  scene = await createScene();
  const { world, alix, phone } = scene;
  const late = await world.device(alix);
  const thief = await stealFile(scene);
  const asked = await thief.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  const toLate = asked.find(
    (each) => each.recipientInstallationId === late.client.installationId,
  );
  // Nobody has told it: the person sees a request of an installation that they do not know.
  const before = await late.carryover.sync();
  expect(before.inboundRequests).toMatchObject([
    {
      requestId: toLate?.requestId,
      installationId: thief.client.installationId,
    },
  ]);
  await phone.carryover.sync();
  const after = await late.carryover.sync();
  expect(after.inboundRequests).toEqual([]);
  expect(
    await codeOf(
      late.carryover.respondToBackupRequest(toLate?.requestId ?? "", "approve"),
    ),
  ).toBe("requesterIsBackup");
  // For good: the next one is not shown at all.
  await thief.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  expect((await late.carryover.sync()).inboundRequests).toEqual([]);
  // And it does not ask the file's installation.
  const own = await late.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  expect(own.map((each) => each.recipientInstallationId)).toEqual([
    phone.client.installationId,
  ]);
});
