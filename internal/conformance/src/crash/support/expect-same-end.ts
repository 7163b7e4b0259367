import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestClient } from "@carryover/testkit";
import {
  createStateStore,
  isBackupChannel,
  type OutboundRequest,
} from "@carryover/xmtp-node";
import { expect } from "vitest";
import {
  applicationMessages,
  everyConsent,
} from "../../main-job/support/sdk-values.js";
import { viewHistory } from "../../main-job/support/view-history.js";
import type { World } from "../../main-job/support/world.js";
import {
  plainMarker,
  type PreparedInstallation,
  type PreparedPerson,
} from "./prepared-person.js";

/**
 * The one end that every way leads to: the history is there once, on both sides; consent is what it was; and of the move
 * nothing is left, on disk, in the records, in the channel or at the storage provider. Both processes have ended.
 */
export async function expectSameEnd(
  world: World,
  person: PreparedPerson,
  request: OutboundRequest,
): Promise<void> {
  const { history, messageCount } = person;
  expect(request).toMatchObject({
    status: "Applied",
    step: "done",
    report: {
      totals: {
        conversations: Object.keys(history).length,
        sent: messageCount,
        imported: messageCount,
        alreadyThere: 0,
      },
    },
  });
  expect(request.report?.conversations.map(({ liveness }) => liveness)).toEqual(
    Object.keys(history).map(() => "live"),
  );
  for (const installation of [person.old, person.fresh]) {
    const client = await installation.openClient();
    expect(await viewHistory(client, isBackupChannel)).toEqual(history);
    await expectQuietChannel(client);
    await expectNoSecrets(installation, client.installationId);
    await client.close();
    await expectNoFiles(installation, client.installationId);
  }
  expect(await readdir(join(world.storage.directory, "incoming"))).toEqual([]);
}

/** One request and one answer were sent, each once, in a channel that no app shows. */
async function expectQuietChannel(client: TestClient): Promise<void> {
  await client.conversations.syncAll(everyConsent);
  const channels = client.conversations
    .listGroups({ consentStates: everyConsent })
    .filter(isBackupChannel);
  expect(channels).toHaveLength(1);
  for (const channel of channels)
    expect(await channel.messages({ kind: applicationMessages })).toHaveLength(
      2,
    );
  expect((await client.conversations.list()).filter(isBackupChannel)).toEqual(
    [],
  );
}

/** The records, decrypted: no key, token or address of a file in them. */
async function expectNoSecrets(
  { setup }: PreparedInstallation,
  installationId: string,
): Promise<void> {
  const store = await createStateStore({
    directory: join(setup.directory, installationId, "state"),
    encryptionKey: setup.encryptionKey,
    installationId,
  });
  const records = new TextDecoder().decode(await store.load());
  await store.close();
  expect(records).toContain('"seenRequests"');
  for (const secret of [
    "AGE-SECRET-KEY",
    "age1",
    "ticket=",
    "receiptKey",
    "/backups",
    plainMarker,
  ])
    expect(records).not.toContain(secret);
}

/** The encrypted records and their lock are all that stays on disk. */
async function expectNoFiles(
  { setup, temporaryDirectory }: PreparedInstallation,
  installationId: string,
): Promise<void> {
  const own = join(setup.directory, installationId);
  const files = (await readdir(own, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => file.slice(own.length + 1)).sort();
  expect(names).toEqual([
    expect.stringMatching(/^state\/lock-\d{12}$/) as unknown,
    "state/state",
  ]);
  for (const file of files)
    expect((await readFile(file)).includes(plainMarker)).toBe(false);
  expect(await readdir(temporaryDirectory)).toEqual([]);
}
