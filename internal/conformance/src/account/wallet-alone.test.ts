import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPerson, waitFor } from "@carryover/testkit";
import {
  accountFileAt,
  confirmBackupAccountFileSaved,
  createBackupAccountFile,
  fetchAccountBudget,
  fetchUnfinishedBackupAccountFiles,
  restoreBackupAccountFileToArchive,
} from "@carryover/xmtp-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, type World } from "../main-job/support/world.js";
import {
  codeOf,
  leftIn,
  newFilePath,
  protection,
  secret,
  textsOf,
  workOptions,
  writesTo,
} from "./support/lost-phone.js";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

test("the wallet alone makes a file: it holds what comes from then on, and becomes an archive for another app", async () => {
  const alix = createPerson(world.testNetwork);
  const { signer } = alix;
  const work = await workOptions(world);
  const path = await newFilePath(world);
  const file = accountFileAt(path);
  expect(await codeOf(fetchAccountBudget({ ...work, signer }))).toBe(
    "accountNotFound",
  );
  const phone = await world.device(alix);
  const bo = await world.someone();
  const before = await phone.client.conversations.createGroup([bo.inboxId]);
  await before.sendText("before, Alix");
  const budget = await fetchAccountBudget({ ...work, signer });
  expect(budget.installations.used).toBe(1);

  const created = await createBackupAccountFile({
    ...work,
    file,
    signer,
    protection,
  });
  expect(created).toMatchObject({
    summary: { inboxId: phone.client.inboxId, sequence: 1 },
    joinedConversationCount: 0,
    notJoined: [],
    budget: { installations: { used: 2 } },
  });
  expect(created.history).toBeUndefined();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await leftIn(work.directory)).toEqual([]);

  const later = await bo.conversations.createGroup([phone.client.inboxId]);
  await later.sendText("later, Bo");
  const bytes = await readFile(path);
  world.testNetwork.network.calls.clear();
  const restored = await restoreBackupAccountFileToArchive({
    ...work,
    file,
    secret,
  });
  expect(restored).toMatchObject({ conversationCount: 1, messageCount: 1 });
  const archivePath = join(
    await world.testNetwork.temporaryDirectory(),
    "archive",
  );
  await writeFile(archivePath, await restored.openArchive());
  const again = new Uint8Array(
    await new Response(await restored.openArchive()).arrayBuffer(),
  );
  expect(again.length).toBe((await stat(archivePath)).size);
  await restored.dispose();
  await restored.dispose();
  expect(await codeOf(restored.openArchive())).toBe("diskError");
  expect(writesTo(world)).toEqual([]);
  expect(bytes.equals(await readFile(path))).toBe(true);
  expect(await leftIn(work.directory)).toEqual([]);

  const fresh = await world.device(alix);
  await fresh.client.importArchive(archivePath, restored.key);
  expect((await textsOf(fresh.client))[later.id]).toEqual(["later, Bo"]);

  // The conversation from before reaches the file once another installation has written there, and looked who is missing.
  await waitFor(
    "the phone to add the file's installation",
    async () => {
      await before.sendText("and on, Alix");
      return world.testNetwork.network.calls
        .list({ method: "SendWelcomeMessages" })
        .some(({ installationIds }) =>
          installationIds.includes(created.summary.installationId),
        );
    },
    { everyMs: 1_000 },
  );
  await before.sendText("at last, Alix");
  const reached = await restoreBackupAccountFileToArchive({
    ...work,
    file,
    secret,
  });
  expect(reached.conversationCount).toBe(2);
  await reached.dispose();
});

test("a file at a place that lasts until it is saved is told of until then, whoever made it", async () => {
  const alix = createPerson(world.testNetwork);
  const { signer } = alix;
  const work = await workOptions(world);
  const { carryover, client } = await world.device(alix);
  const { inboxId } = client;
  const makers = [
    {
      create: createBackupAccountFile,
      unfinished: () => fetchUnfinishedBackupAccountFiles(work),
      confirm: (installationId: string) =>
        confirmBackupAccountFileSaved({ ...work, installationId }),
      noted: { inboxId },
    },
    {
      create: (options: Parameters<typeof createBackupAccountFile>[0]) =>
        carryover.createBackupAccountFile(options),
      unfinished: () => carryover.fetchUnfinishedBackupAccountFiles(),
      confirm: (installationId: string) =>
        carryover.confirmBackupAccountFileSaved(installationId),
      noted: {},
    },
  ];
  for (const { create, unfinished, confirm, noted } of makers) {
    const place = accountFileAt(await newFilePath(world));
    const { summary } = await create({
      ...work,
      file: { ...place, lasts: "untilSaved" },
      signer,
      protection,
    });
    const { installationId } = summary;
    expect(await unfinished()).toMatchObject([
      { installationId, file: "perhapsSaved", ...noted },
    ]);
    await confirm(installationId);
    expect(await unfinished()).toEqual([]);
  }
});
