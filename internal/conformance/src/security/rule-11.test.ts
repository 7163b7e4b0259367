import {
  type BackupElementRecord,
  elementRecord,
} from "@carryover/backup-file";
import { newInstallation, waitFor } from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import { generateX25519Identity } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  archiveOf,
  exportRecords,
  fileOf,
  replaceText,
  streamOf,
} from "../hostile/backup-bytes.js";
import {
  makeMarkedGroup,
  requestFor,
  sameGroup,
  sendSigned,
} from "../hostile/hostile-installation.js";
import { createAskingScene } from "./support/asking-scene.js";
import { historyOf, ignoredReasons, takeRecord } from "./support/evidence.js";
import { createStage, type Device, type Stage } from "./support/stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

/** Loads records as a Message Backup File of the device's own inbox. */
async function load(
  { carryover, client }: Device,
  records: readonly BackupElementRecord[],
) {
  const identity = await generateX25519Identity();
  const { inboxId } = client;
  const bytes = await fileOf(records, { inboxId, identity });
  return await carryover.loadMessageBackupFile({
    open: async () => streamOf(bytes),
    secret: { kind: "ageIdentity", identity },
  });
}

test("security rule 11: an imported message with the id of a live one does not take its place", async () => {
  const alix = stage.person();
  const old = await newInstallation(alix);
  const fresh = await stage.device(alix);
  const group = await old.conversations.createGroup([stage.bo.inboxId], {
    groupName: "true name",
  });
  await group.sendText("true words");
  const here = await sameGroup(fresh.client, group);
  expect((await here.messages()).map(({ content }) => content)).toContain(
    "true words",
  );
  const before = await historyOf(fresh.client);

  const forged = (await exportRecords(old)).map((record) => {
    if (
      record.view.kind === "message" &&
      Buffer.from(record.bytes).includes("true words")
    )
      return elementRecord(
        replaceText(record.bytes, "true words", "lies, lies"),
      );
    if (record.view.kind === "group" && record.view.conversationId === group.id)
      return elementRecord(replaceText(record.bytes, "true name", "lies name"));
    return record;
  });
  const report = await load(fresh, forged);
  expect(report.totals).toMatchObject({ alreadyThere: 1 });
  expect(await historyOf(fresh.client)).toEqual(before);
  expect((await sameGroup(fresh.client, group)).name).toBe("true name");
  // And the conversation is as live as it was.
  await here.sendText("still here");
  await stage.bo.conversations.syncAll([0, 1, 2]);
  const atBo = await sameGroup(stage.bo, group);
  await waitFor("the message to arrive", async () =>
    (await atBo.messages()).some(({ content }) => content === "still here"),
  );
});

test("security rule 11: what a person denied here stays denied, whatever the backup says", async () => {
  const alix = stage.person();
  const old = await newInstallation(alix);
  const fresh = await stage.device(alix);
  const dm = await stage.bo.conversations.createDm(old.inboxId);
  await dm.sendText("unwanted");
  await old.conversations.syncAll([0, 1, 2]);
  const oldDm = await old.conversations.getConversationById(dm.id);
  oldDm?.updateConsentState(1);
  await fresh.client.conversations.syncAll([0, 1, 2]);
  const freshDm = await fresh.client.conversations.getConversationById(dm.id);
  freshDm?.updateConsentState(2);
  await load(fresh, await exportRecords(old));
  expect(freshDm?.consentState()).toBe(2);
});

test("security rule 11: imported history says who supplied it", async () => {
  const { answer, status, apply, asked } = await createAskingScene(stage);
  await answer();
  await status();
  expect((await apply()).suppliedBy).toBe(asked.installationId);
});

/** The records of an installation that has a channel of its own, with a request in it that its key has signed. */
async function recordsWithForgedChannel() {
  const alix = stage.person();
  // Made before the other installation is: it is in no channel of hers, and knows of it by the backup alone.
  const thief = await newInstallation(alix);
  const group = await thief.conversations.createGroup([stage.bo.inboxId]);
  await group.sendText("hello");
  const channel = await makeMarkedGroup(thief);
  const fresh = await stage.device(alix);
  const request = await requestFor(fresh.client, stage.storage.url);
  await sendSigned(thief, channel, { kind: "request", request });
  const records = await exportRecords(thief);
  expect(
    records.some(
      ({ view }) =>
        view.kind === "message" && view.conversationId === channel.id,
    ),
  ).toBe(true);
  return { thief, group, channel, fresh, records };
}

test.each(["Message Backup File", "XMTP archive"] as const)(
  "security rule 1: a forged channel in an imported %s does nothing, and is not imported",
  async (format) => {
    const { group, fresh, records } = await recordsWithForgedChannel();
    const before = takeRecord(stage);
    const { bytes, key } = await archiveOf(records);
    const report =
      format === "XMTP archive"
        ? await fresh.carryover.loadMessageBackupFile({
            open: async () => streamOf(bytes),
            secret: { kind: "archiveKey", key },
          })
        : await load(fresh, records);
    expect(
      report.conversations.map(({ conversationId }) => conversationId),
    ).toEqual([group.id]);
    expect(report.leftOut).toMatchObject([
      { reason: "backupChannel", conversationCount: 1, messageCount: 1 },
    ]);
    const { inboundRequests } = await fresh.carryover.sync();
    expect(inboundRequests).toEqual([]);
    expect(ignoredReasons(fresh.events)).toEqual([]);
    const everything = await fresh.client.conversations.list({
      consentStates: [0, 1, 2],
    });
    expect(everything.filter(isBackupChannel)).toEqual([]);
    expect(takeRecord(stage)).toEqual(before);
  },
);

test("a member who marks a group as a backup channel keeps it neither out of the backup nor out of the import", async () => {
  const alix = stage.person();
  const old = await stage.device(alix);
  const group = await stage.bo.conversations.createGroup([old.client.inboxId]);
  await group.sendText("must not be lost");
  await (await sameGroup(old.client, group)).sendText("indeed");
  await stage.bo.conversations.syncAll();
  await group.updateAppData(`xip-31/backup-channel/1:${"0".repeat(32)}`);
  const fresh = await stage.device(alix);
  const [request] = await fresh.carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: stage.storage.url,
    appName: "Example Chat",
  });
  if (request === undefined) throw new Error("nobody was asked");
  await old.carryover.sync();
  expect(isBackupChannel(await sameGroup(old.client, group))).toBe(true);
  const sent = await old.carryover.respondToBackupRequest(
    request.requestId,
    "approve",
  );
  expect(sent).toMatchObject({ conversationCount: 1, messageCount: 2 });
  await fresh.carryover.sync();
  const report = await fresh.carryover.applyRemoteMessageHistoryBackup(
    request.requestId,
  );
  expect(report.conversations).toMatchObject([
    { conversationId: group.id, sent: 2, imported: 2, liveness: "live" },
  ]);
});
