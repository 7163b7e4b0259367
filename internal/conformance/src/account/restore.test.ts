import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { consent, everyConsent } from "../main-job/support/sdk-values.js";
import {
  createScene,
  leftIn,
  losePhone,
  type Scene,
  say,
  secret,
  textsOf,
  writesTo,
} from "./support/lost-phone.js";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.world.close();
  scene = undefined;
});

test("after the phone is lost, a new one has every message, from before the file and after it; the file works again, and the network is as it was", async () => {
  let dmId = "";
  scene = await createScene({
    before: async (phone, bo) => {
      const dm = await phone.conversations.createDm(bo.inboxId);
      dmId = dm.id;
      await dm.sendText("dm, before, Alix");
    },
  });
  const { world, alix, phone, bo, groupId, file, path, created } = scene;
  expect(created).toMatchObject({
    history: { conversationCount: 2, messageCount: 3 },
    joinedConversationCount: 2,
    notJoined: [],
    budget: { installations: { used: 2 }, identityUpdates: { used: 2 } },
  });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(path))).toEqual(["alix.backup"]);
  const own = join(phone.directory, phone.client.installationId);
  expect(await leftIn(join(own, "dormant"))).toEqual([]);
  expect(await leftIn(join(own, "scratch"))).toEqual([]);

  // Old and new conversations, groups and DMs, after the file.
  await say(phone.client, groupId, "group, after, Alix");
  await say(bo, groupId, "group, after, Bo");
  await say(bo, dmId, "dm, after, Bo");
  const newGroup = await bo.conversations.createGroup([phone.client.inboxId]);
  await newGroup.sendText("new group, Bo");
  const cleo = await world.someone();
  const newDm = await cleo.conversations.createDm(phone.client.inboxId);
  await newDm.sendText("new dm, Cleo");
  await losePhone(scene);

  const bytes = await readFile(path);
  const fresh = await world.device(alix);
  const { calls } = world.testNetwork.network;
  calls.clear();
  const report = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(writesTo(world)).toEqual([]);
  expect(bytes.equals(await readFile(path))).toBe(true);
  const expected = {
    [groupId]: [
      "group, before, Alix",
      "group, before, Bo",
      "group, after, Alix",
      "group, after, Bo",
    ],
    [dmId]: ["dm, before, Alix", "dm, after, Bo"],
    [newGroup.id]: ["new group, Bo"],
    [newDm.id]: ["new dm, Cleo"],
  };
  expect(await textsOf(fresh.client)).toEqual(expected);
  expect(report).toMatchObject({
    suppliedBy: created.summary.installationId,
    totals: { conversations: 4, sent: 8, imported: 8, alreadyThere: 0 },
    file: { copy: "newest", missing: [], summary: created.summary },
    fileState: "unchanged",
  });
  // Every one of them waits for the other member.
  const waiting = Object.fromEntries(
    report.waiting.map(({ conversationId, kind, waitsFor }) => [
      conversationId,
      [kind, ...waitsFor],
    ]),
  );
  expect(waiting).toEqual({
    [groupId]: ["group", bo.inboxId],
    [dmId]: ["dm", bo.inboxId],
    [newGroup.id]: ["group", bo.inboxId],
    [newDm.id]: ["dm", cleo.inboxId],
  });
  const freshOwn = join(fresh.directory, fresh.client.installationId);
  expect(await leftIn(join(freshOwn, "dormant"))).toEqual([]);
  expect(await leftIn(join(freshOwn, "scratch"))).toEqual([]);

  // A conversation comes live when the member writes; the file reads on, and brings that too. (The SDK looks for new
  // installations at most every five seconds when it writes; adding nobody makes it look.)
  const bosGroup = await bo.conversations.getConversationById(groupId);
  if (bosGroup === undefined || !("addMembers" in bosGroup))
    throw new Error("no group");
  await bosGroup.addMembers([]);
  await say(bo, groupId, "group, later, Bo");
  await fresh.client.conversations.syncAll(everyConsent);
  await say(fresh.client, groupId, "group, later, Alix");
  const second = await world.device(alix);
  const again = await second.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(again.totals).toMatchObject({ imported: 10 });
  expect(await textsOf(second.client)).toEqual({
    ...expected,
    [groupId]: [
      ...(expected[groupId] ?? []),
      "group, later, Bo",
      "group, later, Alix",
    ],
  });
});

test("what was denied is denied again; restoring twice into the same place changes nothing", async () => {
  let denied = "";
  scene = await createScene({
    before: async (phone, bo) => {
      const group = await bo.conversations.createGroup([phone.inboxId]);
      denied = group.id;
      await group.sendText("you won a boat");
      await phone.conversations.syncAll(everyConsent);
      const here = await phone.conversations.getConversationById(denied);
      here?.updateConsentState(consent.denied);
    },
  });
  const { world, alix, bo, file } = scene;
  await say(bo, denied, "two boats");
  await losePhone(scene);
  const fresh = await world.device(alix);
  const first = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  const texts = await textsOf(fresh.client);
  expect(texts[denied]).toEqual(["you won a boat", "two boats"]);
  const here = await fresh.client.conversations.getConversationById(denied);
  expect(here?.consentState()).toBe(consent.denied);

  const again = await fresh.carryover.importFromBackupAccountFile({
    file,
    secret,
  });
  expect(again.totals).toEqual({
    ...first.totals,
    imported: 0,
    alreadyThere: first.totals.sent,
  });
  expect(await textsOf(fresh.client)).toEqual(texts);
});

test("a file that is not seeded brings back what came after it, and nothing from before", async () => {
  scene = await createScene({ history: "fromNowOn" });
  const { world, alix, bo, groupId, file, created } = scene;
  expect(created.history).toBeUndefined();
  expect(created.summary.seededAtMs).toBeUndefined();
  await say(bo, groupId, "group, after, Bo");
  await losePhone(scene);
  const fresh = await world.device(alix);
  await fresh.carryover.importFromBackupAccountFile({ file, secret });
  expect(await textsOf(fresh.client)).toEqual({
    [groupId]: ["group, after, Bo"],
  });
});
