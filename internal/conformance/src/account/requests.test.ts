import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import {
  type BackupAccountFileSession,
  openBackupAccountFileForRequests,
} from "@carryover/xmtp-node";
import { dropOneUploadAt } from "../main-job/support/dropped-upload.js";
import { everyConsent } from "../main-job/support/sdk-values.js";
import {
  type Device,
  requestOptions,
  type World,
} from "../main-job/support/world.js";
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

/** What opens the file of a scene for requests, with a directory of its own. */
const sessionOptions = async ({ world, file }: Scene) => ({
  file,
  secret,
  ...(await workOptions(world)),
  policy: { allowedStorageOrigins: [world.storage.url] },
});

/** Asks from a new phone, and answers what reaches the file. */
async function answer(
  world: World,
  asking: Device,
  session: BackupAccountFileSession,
  pin: string | undefined,
) {
  const requests = await session.listInboundBackupRequests();
  expect(requests).toMatchObject([
    {
      verificationPin: pin,
      pinState: "unique",
      installationId: asking.client.installationId,
      storageOrigin: new URL(world.storage.url).origin,
    },
  ]);
  const requestId = requests[0]?.requestId ?? "";
  const report = await session.respondToBackupRequest(requestId, "approve");
  await asking.carryover.sync();
  return {
    report,
    applied: await asking.carryover.applyRemoteMessageHistoryBackup(requestId),
  };
}

test("a request of a new phone is answered from the file; the file stays as it is, and nothing of it stays here", async () => {
  scene = await createScene();
  const { world, alix, bo, groupId, file, path, created } = scene;
  await say(bo, groupId, "group, after, Bo");
  await losePhone(scene);
  const fresh = await world.device(alix);
  // It was made after the announcement, so it asks the file's installation as any other.
  const asked = await fresh.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  expect(asked.map((each) => each.recipientInstallationId)).toContain(
    created.summary.installationId,
  );
  // The library wants to add it to the channel when it fetches that, and is not let.
  await world.device(alix);
  const bytes = await readFile(path);
  const options = await sessionOptions(scene);
  const session = await openBackupAccountFileForRequests(options);
  const { report, applied } = await answer(
    world,
    fresh,
    session,
    asked[0]?.verificationPin,
  );
  expect(report).toMatchObject({
    outcome: "responded",
    messageCount: 3,
    notMadeLive: [groupId],
  });
  expect(applied.suppliedBy).toBe(created.summary.installationId);
  expect(await session.close()).toEqual({ fileState: "unchanged" });
  const texts = [
    "group, before, Alix",
    "group, before, Bo",
    "group, after, Bo",
  ];
  expect((await textsOf(fresh.client))[groupId]).toEqual(texts);
  expect(bytes.equals(await readFile(path))).toBe(true);
  expect(await leftIn(options.directory)).toEqual([]);

  // In the conversations themselves it has written nothing, so the file reads on.
  await say(bo, groupId, "group, later, Bo");
  world.testNetwork.network.calls.clear();
  await fresh.carryover.importFromBackupAccountFile({ file, secret });
  expect(writesTo(world)).toEqual([]);
  expect((await textsOf(fresh.client))[groupId]).toEqual([
    ...texts,
    "group, later, Bo",
  ]);
});

test("an installation that knows the role asks the file only when it is told that somebody opens it; made live, the file is replaced", async () => {
  scene = await createScene();
  const { world, alix, bo, groupId, file, created } = scene;
  const tablet = await world.device(alix);
  await tablet.carryover.importFromBackupAccountFile({ file, secret });
  const ofDevices = await tablet.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(world),
  );
  expect(ofDevices.map((each) => each.recipientInstallationId)).toEqual([
    scene.phone.client.installationId,
  ]);
  const asked = await tablet.carryover.requestRemoteMessageHistoryBackup({
    ...requestOptions(world),
    ask: "devicesAndBackupAccountFiles",
  });
  expect(asked).toHaveLength(2);
  const session = await openBackupAccountFileForRequests({
    ...(await sessionOptions(scene)),
    conversations: "makeLive",
  });
  const { report } = await answer(
    world,
    tablet,
    session,
    asked[0]?.verificationPin,
  );
  expect(report.notMadeLive).toEqual([]);
  expect(await session.close()).toEqual({ fileState: "replaced" });
  await tablet.client.conversations.syncAll(everyConsent);
  await say(tablet.client, groupId, "from the tablet");
  await bo.conversations.syncAll(everyConsent);
  await say(bo, groupId, "seen, Bo");

  const another = await world.device(alix);
  const restored = await another.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(restored.file.summary).toMatchObject({
    sequence: created.summary.sequence + 1,
  });
  expect((await textsOf(another.client))[groupId]).toEqual([
    "group, before, Alix",
    "group, before, Bo",
    "from the tablet",
    "seen, Bo",
  ]);
});

test.each(["accepted", "stored"] as const)(
  "a storage service that is lost at %s: it is said, the yes is carried out when it is back, and nothing stays here",
  async (wanted) => {
    const { hooks, wasDropped } = dropOneUploadAt(wanted);
    scene = await createScene({ storage: { hooks } });
    const { world, alix, groupId, path } = scene;
    await losePhone(scene);
    const fresh = await world.device(alix);
    await fresh.carryover.requestRemoteMessageHistoryBackup(
      requestOptions(world),
    );
    const bytes = await readFile(path);
    const options = await sessionOptions(scene);
    const session = await openBackupAccountFileForRequests(options);
    const [request] = await session.listInboundBackupRequests();
    const requestId = request?.requestId ?? "";
    await expect(
      session.respondToBackupRequest(requestId, "approve"),
    ).rejects.toMatchObject({ code: "storageUnavailable", retryable: true });
    expect(wasDropped()).toBe(true);
    expect(await session.listInboundBackupRequests()).toEqual([]);
    expect(await session.close()).toEqual({ fileState: "unchanged" });
    await fresh.carryover.sync();
    expect(
      (await fresh.carryover.applyRemoteMessageHistoryBackup(requestId)).totals,
    ).toMatchObject({ imported: 2 });
    expect((await textsOf(fresh.client))[groupId]).toHaveLength(2);
    expect(bytes.equals(await readFile(path))).toBe(true);
    expect(await leftIn(options.directory)).toEqual([]);
    // It was answered, and is not asked about again.
    const again = await openBackupAccountFileForRequests(options);
    expect(await again.listInboundBackupRequests()).toEqual([]);
    await again.close();
  },
);

test.each([
  ["received", "responded"],
  ["stored", "uploadAuthorizationUsed"],
] as const)(
  "a storage service that is lost at %s, and a file that is closed and opened again: a second yes ends as %s",
  async (wanted, end) => {
    const { hooks } = dropOneUploadAt(wanted);
    scene = await createScene({ storage: { hooks } });
    const { world, alix, path } = scene;
    const fresh = await world.device(alix);
    await fresh.carryover.requestRemoteMessageHistoryBackup(
      requestOptions(world),
    );
    const bytes = await readFile(path);
    const options = await sessionOptions(scene);
    const ends: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const session = await openBackupAccountFileForRequests(options);
      const [request] = await session.listInboundBackupRequests();
      ends.push(
        await session
          .respondToBackupRequest(request?.requestId ?? "", "approve")
          .then(
            ({ outcome }) => outcome,
            ({ code }: { code: string }) => code,
          ),
      );
      await session.close();
    }
    expect(ends).toEqual(["storageUnavailable", end]);
    expect(bytes.equals(await readFile(path))).toBe(true);
    expect(await leftIn(options.directory)).toEqual([]);
  },
);
