import { copyFile, readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  accountFileAt,
  inspectBackupAccountFile,
  refreshBackupAccountFile,
  refreshBackupAccountFileBy,
} from "@carryover/xmtp-node";
import { everyConsent } from "../main-job/support/sdk-values.js";
import {
  codeOf,
  createScene,
  leftIn,
  losePhone,
  newFilePath,
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

test("a refreshed file has missed nothing; a second copy of the older one is recognised before anything is lost", async () => {
  scene = await createScene();
  const { world, alix, phone, bo, groupId, file, path, created } = scene;
  const second = await newFilePath(world);
  await copyFile(path, second);
  await say(bo, groupId, "group, before the refresh, Bo");
  const options = { secret, ...(await workOptions(world)) };

  world.testNetwork.network.calls.clear();
  const refreshed = await refreshBackupAccountFile({ file, ...options });
  // Nothing but the new key package.
  expect(writesTo(world)).toEqual([]);
  expect(refreshed).toMatchObject({
    before: { summary: created.summary, copy: "newest", missing: [] },
    summary: { sequence: 2, installationId: created.summary.installationId },
    keyPackage: "renewed",
    conversationCount: 1,
    messageCount: 3,
  });
  expect(refreshed.summary.keyPackageExpiresAtMs).toBeGreaterThan(
    created.summary.keyPackageExpiresAtMs,
  );
  expect(await readdir(dirname(path))).toEqual(["alix.backup"]);
  expect(await leftIn(options.directory)).toEqual([]);
  const by = refreshBackupAccountFileBy(refreshed.summary, Date.now());
  expect(by).toMatchObject({ state: "good", daysLeft: 29 });

  // What the network has pruned meanwhile is in the refreshed file.
  world.testNetwork.network.prune({ applicationMessagesNs: 0n });
  const later = await bo.conversations.createGroup([phone.client.inboxId]);
  await later.sendText("a group that began after the refresh");

  const older = accountFileAt(second);
  const bytes = await readFile(second);
  world.testNetwork.network.calls.clear();
  expect(
    await codeOf(refreshBackupAccountFile({ file: older, ...options })),
  ).toBe("accountFileOlderCopy");
  expect(writesTo(world)).toEqual([]);
  expect(bytes.equals(await readFile(second))).toBe(true);

  await losePhone(scene);
  const fresh = await world.device(alix);
  const fromOlder = await fresh.carryover.importFromBackupAccountFile({
    file: older,
    secret,
  });
  expect(fromOlder.file).toMatchObject({
    copy: "olderCopy",
    missing: [{ kind: "newConversations", reason: "refreshedElsewhere" }],
  });
  expect(await textsOf(fresh.client)).toEqual({
    [groupId]: ["group, before, Alix", "group, before, Bo"],
  });
  // By what the app noted it is recognised as well.
  const { contents } = await inspectBackupAccountFile({ file: older, secret });
  expect(contents?.summary).toEqual(created.summary);

  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
    known: refreshed.summary,
  });
  expect(report.file).toMatchObject({ copy: "newest", missing: [] });
  expect(await textsOf(fresh.client)).toEqual({
    [groupId]: [
      "group, before, Alix",
      "group, before, Bo",
      "group, before the refresh, Bo",
    ],
    [later.id]: ["a group that began after the refresh"],
  });
});

test("made live by the file's own installation, restored conversations can be written to; the newer file goes on working", async () => {
  scene = await createScene();
  const { world, alix, bo, groupId, file, path, created } = scene;
  await losePhone(scene);
  const fresh = await world.device(alix);
  const bytes = await readFile(path);
  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
    conversations: "makeLive",
  });
  expect(report).toMatchObject({
    fileState: "replaced",
    waiting: [],
    conversations: [{ conversationId: groupId, liveness: "live" }],
  });
  expect(bytes.equals(await readFile(path))).toBe(false);
  await say(fresh.client, groupId, "I am back, Alix");
  await bo.conversations.syncAll(everyConsent);
  await say(bo, groupId, "welcome back, Bo");

  const { contents } = await inspectBackupAccountFile({ file, secret });
  expect(contents?.summary).toMatchObject({
    sequence: 2,
    installationId: created.summary.installationId,
  });
  const another = await world.device(alix);
  await another.carryover.importFromBackupAccountFile({ file, secret });
  expect((await textsOf(another.client))[groupId]).toEqual([
    "group, before, Alix",
    "group, before, Bo",
    "I am back, Alix",
    "welcome back, Bo",
  ]);
});
