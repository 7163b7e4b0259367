import { createPerson, type TestClient } from "@carryover/testkit";
import { isBackupChannel, type Progress } from "@carryover/xmtp-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { find } from "../main-job/support/lived-history.js";
import { askOne, inboundOf } from "../main-job/support/move-history.js";
import { consent, everyConsent } from "../main-job/support/sdk-values.js";
import { liveSmallHistory } from "../main-job/support/small-history.js";
import { viewHistory } from "../main-job/support/view-history.js";
import { createWorld, type World } from "../main-job/support/world.js";

let world: World;
let bo: TestClient;
beforeAll(async () => {
  world = await createWorld();
  bo = await world.someone();
});
afterAll(() => world.close());

/** What became of a call: `aborted`, and to be repeated, or done before the signal was looked at. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => "done",
    (error: { code: string; retryable: boolean }) =>
      error.retryable ? error.code : error,
  );
}

/** Aborts at the first report of a phase. */
function abortAt(phase: Progress["phase"]) {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: (progress: Progress) => {
      if (progress.phase === phase) controller.abort();
    },
  };
}

async function prepare() {
  const alix = createPerson(world.testNetwork);
  const old = await world.device(alix);
  const history = await liveSmallHistory(old.client, bo);
  (await find(old.client, history.joined)).updateConsentState(consent.denied);
  const before = await viewHistory(old.client);
  const fresh = await world.device(alix);
  const { requestId } = await askOne(world, fresh);
  await inboundOf(old, requestId);
  const expectEnd = async () => {
    const request =
      await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(
        requestId,
      );
    expect(request).toMatchObject({
      status: "Applied",
      report: {
        totals: { imported: history.messageCount, alreadyThere: 0 },
      },
    });
    for (const { client, carryover } of [old, fresh]) {
      await client.conversations.syncAll(everyConsent);
      expect(await carryover.sync()).toEqual({
        inboundRequests: [],
        ready: [],
        problems: [],
      });
      expect(await viewHistory(client, isBackupChannel)).toEqual(before);
    }
  };
  return { old, fresh, requestId, expectEnd };
}

test.each([
  ["checkingRequester", "aborted"],
  ["makingConversationsLive", "aborted"],
  ["archiving", "aborted"],
  ["uploading", "aborted"],
  // The file is at the storage provider: what is left is one message, and is not left half done.
  ["responding", "done"],
] as const)(
  "an approval that is stopped at %s is %s, and sync brings it to its end",
  async (phase, expected) => {
    const { old, fresh, requestId, expectEnd } = await prepare();
    expect(
      await outcomeOf(
        old.carryover.respondToBackupRequest(
          requestId,
          "approve",
          abortAt(phase),
        ),
      ),
    ).toBe(expected);
    expect((await old.carryover.sync()).problems).toEqual([]);
    await fresh.carryover.sync();
    await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
    await expectEnd();
  },
);

test.each([
  ["downloading", "aborted"],
  ["verifying", "aborted"],
  // Between two batches, or behind the last.
  ["importing", "aborted"],
  // Every row is written: what is left is short, and is not left half done.
  ["syncing", "done"],
  ["restoringConsent", "done"],
  ["cleaningUp", "done"],
] as const)(
  "an import that is stopped at %s is %s, and calling again brings it to its end",
  async (phase, expected) => {
    const { old, fresh, requestId, expectEnd } = await prepare();
    await old.carryover.respondToBackupRequest(requestId, "approve");
    await fresh.carryover.sync();
    expect(
      await outcomeOf(
        fresh.carryover.applyRemoteMessageHistoryBackup(
          requestId,
          abortAt(phase),
        ),
      ),
    ).toBe(expected);
    await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
    await expectEnd();
  },
);

test("a call with a signal that has aborted does nothing", async () => {
  const { old, fresh, requestId, expectEnd } = await prepare();
  const signal = AbortSignal.abort();
  const { provider } = world.storage;
  const uploads = () =>
    provider.requests.filter(
      ({ method, route }) => method === "POST" && route === "/backups",
    ).length;
  const uploadsBefore = uploads();
  expect(
    await outcomeOf(
      old.carryover.respondToBackupRequest(requestId, "approve", { signal }),
    ),
  ).toBe("aborted");
  expect(await old.carryover.listInboundBackupRequests()).toMatchObject([
    { requestId, state: "awaitingConsent" },
  ]);
  expect(uploads()).toBe(uploadsBefore);
  await old.carryover.respondToBackupRequest(requestId, "approve");
  await fresh.carryover.sync();
  await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
  await expectEnd();
});
