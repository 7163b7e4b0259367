import { randomBytes } from "node:crypto";
import { createPerson, keptPort, type TestClient } from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import {
  createStorageProvider,
  type StorageProvider,
  type StorageProviderOptions,
} from "@carryover/storage-provider";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropOneUploadAt } from "../main-job/support/dropped-upload.js";
import { ask, askOne, inboundOf } from "../main-job/support/move-history.js";
import { liveSmallHistory } from "../main-job/support/small-history.js";
import { viewHistory } from "../main-job/support/view-history.js";
import {
  createWorld,
  type Device,
  type World,
} from "../main-job/support/world.js";

let world: World;
let storage: StorageProvider;
let startStorage: (
  options?: Partial<StorageProviderOptions>,
) => Promise<StorageProvider>;
let old: Device;
let fresh: Device;
let requestId: string;
let messageCount: number;

beforeEach(async () => {
  world = await createWorld();
  const directory = await world.testNetwork.temporaryDirectory();
  const ticketSecret = randomBytes(32);
  const port = await keptPort();
  startStorage = (options = {}) =>
    createStorageProvider({
      directory,
      ticketSecret,
      authorization: { mode: "open" },
      closeGraceMs: 0,
      port,
      ...options,
    });
  storage = await startStorage();
  const alix = createPerson(world.testNetwork);
  const bo: TestClient = await world.someone();
  const policy = { allowedStorageOrigins: [storage.url] };
  old = await world.device(alix, policy);
  ({ messageCount } = await liveSmallHistory(old.client, bo));
  fresh = await world.device(alix, policy);
  ({ requestId } = await askOne(world, fresh, {
    storageProviderUrl: storage.url,
  }));
  await inboundOf(old, requestId);
});
afterEach(async () => {
  await world.close();
  await storage.close();
});

const approve = () =>
  old.carryover.respondToBackupRequest(requestId, "approve");
const apply = () => fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
const restart = async (options?: Partial<StorageProviderOptions>) => {
  await storage.close();
  storage = await startStorage(options);
};
const unavailable = { code: "storageUnavailable", retryable: true };

async function expectEnd(): Promise<void> {
  expect((await old.carryover.sync()).problems).toEqual([]);
  await fresh.carryover.sync();
  expect((await apply()).totals).toMatchObject({
    imported: messageCount,
    alreadyThere: 0,
  });
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
}

test("without the storage provider nothing is asked, and nothing is left of it", async () => {
  await storage.close();
  await expect(
    ask(world, fresh, { storageProviderUrl: storage.url }),
  ).rejects.toMatchObject(unavailable);
  expect(await fresh.carryover.listOutboundBackupRequests()).toHaveLength(1);
});

test("an approval while the storage provider is away is kept, and carried out when it is back", async () => {
  await storage.close();
  await expect(approve()).rejects.toMatchObject(unavailable);
  expect(await old.carryover.sync()).toMatchObject({
    inboundRequests: [{ requestId, state: "approved" }],
    problems: [{ requestId, code: "storageUnavailable" }],
  });
  await restart();
  await expectEnd();
});

test.each(["accepted", "received", "stored"] as const)(
  "a connection that is cut at %s costs nothing: the upload is made again or found again",
  async (wanted) => {
    const { hooks, wasDropped } = dropOneUploadAt(wanted);
    await restart({ hooks });
    await expect(approve()).rejects.toMatchObject(unavailable);
    expect(wasDropped()).toBe(true);
    await expectEnd();
  },
);

test("a full storage provider is said to be so, and the approval is carried out when there is room", async () => {
  await restart({ maxTotalBytes: 100 });
  await expect(approve()).rejects.toMatchObject(unavailable);
  await restart();
  await expectEnd();
});

test("a file that is larger than the storage provider takes closes the request with that reason", async () => {
  await restart({ maxBytes: 200 });
  const [{ requestId: second } = { requestId: "" }] = await ask(world, fresh, {
    storageProviderUrl: storage.url,
  });
  await inboundOf(old, second);
  await expect(
    old.carryover.respondToBackupRequest(second, "approve"),
  ).rejects.toMatchObject({ code: "backupTooLarge", retryable: false });
  expect(
    (await old.carryover.listInboundBackupRequests()).map(
      (request) => request.requestId,
    ),
  ).toEqual([requestId]);
});

test("an answer waits while the storage provider is away, and is applied when it is back", async () => {
  await approve();
  await fresh.carryover.sync();
  await storage.close();
  await expect(apply()).rejects.toMatchObject(unavailable);
  expect(
    await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(requestId),
  ).toMatchObject({ status: "Pending", step: "responseReceived" });
  await restart();
  await expectEnd();
});

test("a download that is cut is said to be so, and goes on", async () => {
  let cuts = 0;
  await restart({
    hooks: {
      downloadPiece: async () => {
        cuts += 1;
        return cuts === 1 ? "drop" : "continue";
      },
    },
  });
  await approve();
  await fresh.carryover.sync();
  await expect(apply()).rejects.toMatchObject(unavailable);
  await expectEnd();
  expect(cuts).toBeGreaterThan(1);
});

test("a file that the storage provider no longer has ends the request, and says what to do", async () => {
  await approve();
  await fresh.carryover.sync();
  const later = Date.now() + 73 * 60 * 60 * 1_000;
  await restart({ clock: { nowMs: () => later } });
  await storage.purge();
  await expect(apply()).rejects.toMatchObject({
    code: "backupGone",
    retryable: false,
  });
  expect(
    await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(requestId),
  ).toMatchObject({ status: "Failed", failure: { code: "backupGone" } });
  expect(await viewHistory(fresh.client, isBackupChannel)).toSatisfy(
    (view: Awaited<ReturnType<typeof viewHistory>>) =>
      Object.values(view).every(({ messageCount: count }) => count === 0),
  );
});
