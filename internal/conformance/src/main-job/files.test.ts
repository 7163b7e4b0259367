import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createPerson,
  type Person,
  seedHistory,
  type TestClient,
} from "@carryover/testkit";
import { type BackupFileSource, isBackupChannel } from "@carryover/xmtp-node";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { BackupElementSelectionOption } from "@xmtp/node-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { find } from "./support/lived-history.js";
import { moveHistory } from "./support/move-history.js";
import { asWebStream } from "./support/read-archive.js";
import { consent } from "./support/sdk-values.js";
import {
  liveSmallHistory,
  type SmallHistory,
} from "./support/small-history.js";
import { viewHistory } from "./support/view-history.js";
import { createWorld, type Device, type World } from "./support/world.js";

let world: World;
let alix: Person;
let bo: TestClient;
let old: Device;
let history: SmallHistory;
let directory: string;
beforeEach(async () => {
  world = await createWorld();
  alix = createPerson(world.testNetwork);
  bo = await world.someone();
  old = await world.device(alix);
  history = await liveSmallHistory(old.client, bo);
  directory = await world.testNetwork.temporaryDirectory();
});
afterEach(() => world.close());

const opened = (path: string) => async () =>
  asWebStream(createReadStream(path));

/** Lets the device write a Message Backup File. */
async function writeFileOf({ carryover }: Device) {
  const identity = await generateX25519Identity();
  const written = await carryover.writeMessageBackupFile({
    recipient: await identityToRecipient(identity),
  });
  const path = join(directory, `${randomBytes(8).toString("hex")}.age`);
  await writeFile(path, written.file);
  const source: BackupFileSource = {
    open: opened(path),
    secret: { kind: "ageIdentity", identity },
  };
  return { path, source, result: await written.result };
}

/** An archive as the SDK itself writes it, with a channel in it. */
async function archiveOf(client: TestClient): Promise<BackupFileSource> {
  const path = join(directory, "archive");
  const key = new Uint8Array(randomBytes(32));
  await client.createArchive(path, key, {
    elements: [
      "Messages" as BackupElementSelectionOption.Messages,
      "Consent" as BackupElementSelectionOption.Consent,
    ],
    excludeDisappearingMessages: false,
  });
  return { open: opened(path), secret: { kind: "archiveKey", key } };
}

test("a Message Backup File that one installation wrote is loaded by another", async () => {
  const { path, source, result } = await writeFileOf(old);
  const { messageCount } = history;
  expect(result).toMatchObject({ conversationCount: 2, messageCount });
  expect(result.sizeBytes).toBe((await readFile(path)).length);
  const fresh = await world.device(alix);
  const report = await fresh.carryover.loadMessageBackupFile(source);
  expect(report).not.toHaveProperty("suppliedBy");
  expect(report.totals).toEqual({
    conversations: 2,
    sent: messageCount,
    imported: messageCount,
    alreadyThere: 0,
  });
  // No approval, so no member has added this installation: it can be read, and not written in.
  expect(report.conversations.map(({ liveness }) => liveness)).toEqual([
    "inactive",
    "inactive",
  ]);
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
  const again = await fresh.carryover.loadMessageBackupFile(source);
  expect(again.totals).toMatchObject({
    imported: 0,
    alreadyThere: messageCount,
  });
});

test("a plain XMTP archive is loaded with its key, without the backup channels in it, and consent stays what it was", async () => {
  const first = await world.device(alix);
  await moveHistory(world, old, first);
  (await find(old.client, history.joined)).updateConsentState(consent.denied);
  const source = await archiveOf(old.client);
  const fresh = await world.device(alix);
  const report = await fresh.carryover.loadMessageBackupFile(source);
  expect(report.totals).toMatchObject({
    conversations: 2,
    imported: history.messageCount,
  });
  expect(report.leftOut).toMatchObject([
    { reason: "backupChannel", conversationCount: 1, messageCount: 2 },
  ]);
  expect(await viewHistory(fresh.client)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
});

test("a file or archive of another person is refused, and nothing is imported", async () => {
  const dana = await world.device(createPerson(world.testNetwork));
  const dm = await bo.conversations.createDm(old.client.inboxId);
  await dm.sendText("only for Alix");
  await old.client.conversations.syncAll();
  for (const source of [
    (await writeFileOf(old)).source,
    await archiveOf(old.client),
  ])
    await expect(
      dana.carryover.loadMessageBackupFile(source),
    ).rejects.toMatchObject({ code: "backupOfAnotherInbox", retryable: false });
  expect(await viewHistory(dana.client)).toEqual({});
});

test("a file that is cut or changed, or another key, imports nothing", async () => {
  const { path, source } = await writeFileOf(old);
  const fresh = await world.device(alix);
  const bytes = await readFile(path);
  const damaged = [
    bytes.subarray(0, bytes.length - 1),
    bytes.subarray(0, bytes.length / 2),
    bytes.subarray(0, 0),
    Buffer.concat([bytes, Buffer.of(0)]),
    Buffer.from(
      bytes.map((byte, i) => (i === bytes.length - 40 ? byte ^ 1 : byte)),
    ),
  ];
  for (const [index, content] of damaged.entries()) {
    const damagedPath = join(directory, `damaged-${index}`);
    await writeFile(damagedPath, content);
    await expect(
      fresh.carryover.loadMessageBackupFile({
        ...source,
        open: opened(damagedPath),
      }),
    ).rejects.toMatchObject({ code: "backupFileInvalid", retryable: false });
  }
  await expect(
    fresh.carryover.loadMessageBackupFile({
      ...source,
      secret: { kind: "ageIdentity", identity: await generateX25519Identity() },
    }),
  ).rejects.toMatchObject({ code: "backupFileInvalid" });
  await expect(
    fresh.carryover.loadMessageBackupFile({
      ...(await archiveOf(old.client)),
      secret: { kind: "archiveKey", key: new Uint8Array(32) },
    }),
  ).rejects.toMatchObject({ code: "backupFileInvalid" });
  expect(await viewHistory(fresh.client)).toEqual({});
});

test("loading that was stopped after a part goes on, and reports as if it had not been", async () => {
  const seeded = 2_500;
  const startNs = BigInt(Date.now() - 86_400_000) * 1_000_000n;
  await seedHistory(
    old.client,
    Array.from({ length: seeded }, (_, index) => ({
      conversationId: history.own,
      text: `message ${index}`,
      senderInboxId: bo.inboxId,
      sentAtNs: startNs + BigInt(index),
    })),
  );
  const { source } = await writeFileOf(old);
  const fresh = await world.device(alix);
  const stop = new AbortController();
  await expect(
    fresh.carryover.loadMessageBackupFile(source, {
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === "importing") stop.abort();
      },
    }),
  ).rejects.toMatchObject({ code: "aborted", retryable: true });
  const counts = Object.values(await viewHistory(fresh.client)).map(
    ({ messageCount }) => messageCount,
  );
  expect(counts.reduce((sum, count) => sum + count)).toBe(2_000);
  const report = await fresh.carryover.loadMessageBackupFile(source);
  expect(report.totals).toMatchObject({
    imported: seeded + history.messageCount,
    alreadyThere: 0,
  });
  expect(await viewHistory(fresh.client)).toEqual(
    await viewHistory(old.client),
  );
});

test("a file whose writing is given up leaves nothing on disk", async () => {
  const identity = await generateX25519Identity();
  const { file, result } = await old.carryover.writeMessageBackupFile({
    recipient: await identityToRecipient(identity),
  });
  const outcome = expect(result).rejects.toMatchObject({ code: "aborted" });
  await file.cancel();
  await outcome;
  expect(
    await readdir(join(old.directory, old.client.installationId, "archives")),
  ).toEqual([]);
});
