import { createPerson, type TestClient } from "@carryover/testkit";
import { isBackupChannel } from "@carryover/xmtp-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Cast,
  find,
  type LivedHistory,
  liveHistory,
} from "./support/lived-history.js";
import { type Move, moveHistory } from "./support/move-history.js";
import { readArchive } from "./support/read-archive.js";
import { applicationMessages, everyConsent } from "./support/sdk-values.js";
import { type ConversationView, viewHistory } from "./support/view-history.js";
import {
  appName,
  createWorld,
  type Device,
  type World,
} from "./support/world.js";

type Views = Record<string, ConversationView>;

describe("a history moves from an old installation to a new one", () => {
  let world: World;
  let cast: Cast;
  let history: LivedHistory;
  let old: Device;
  let fresh: Device;
  let startedAtNs: bigint;
  let before: Views;
  let move: Move;
  let afterOnOld: Views;
  let afterOnFresh: Views;

  beforeAll(async () => {
    world = await createWorld();
    const alix = createPerson(world.testNetwork);
    startedAtNs = BigInt(Date.now()) * 1_000_000n;
    old = await world.device(alix);
    cast = {
      alix: old.client,
      bo: await world.someone(),
      cleo: await world.someone(),
      dana: await world.someone(),
      eve: await world.someone(),
    };
    history = await liveHistory(cast);
    before = await viewHistory(old.client);
    fresh = await world.device(alix);
    move = await moveHistory(world, old, fresh);
    afterOnOld = await viewHistory(old.client, isBackupChannel);
    afterOnFresh = await viewHistory(fresh.client, isBackupChannel);
  });
  afterAll(() => world.close());

  test("both screens show the same PIN, and the old one shows who asks and how old that installation is", () => {
    const { request, inbound } = move;
    expect(inbound).toMatchObject({
      verificationPin: request.verificationPin,
      pinState: "unique",
      state: "awaitingConsent",
      installationId: fresh.client.installationId,
      appName,
      storageOrigin: world.storage.url,
      estimate: { conversationCount: Object.keys(before).length },
    });
    expect(inbound.installationCreatedAtNs).toBeGreaterThan(startedAtNs);
    expect(inbound.installationCreatedAtNs).toBeLessThan(
      BigInt(Date.now()) * 1_000_000n,
    );
    expect(request).toMatchObject({
      status: "Pending",
      step: "awaitingResponse",
      recipientInstallationId: old.client.installationId,
    });
  });

  test("every conversation has the same messages on both sides, and the old installation keeps all of its own", () => {
    expect(afterOnOld).toEqual(before);
    expect(afterOnFresh).toEqual(before);
  });

  test("the SDK's own archives of both sides hold the same messages, byte by byte", async () => {
    const directory = await world.testNetwork.temporaryDirectory();
    const channels = new Set(
      [old, fresh].flatMap(({ client }) => channelsOf(client)),
    );
    const messagesOf = async (client: TestClient) =>
      (await readArchive(client, directory))
        .flatMap(({ bytes, view }) =>
          view.kind === "message" &&
          view.messageKind === "application" &&
          !channels.has(view.conversationId)
            ? [Buffer.from(bytes).toString("hex")]
            : [],
        )
        .sort();
    const onOld = await messagesOf(old.client);
    expect(onOld.length).toBeGreaterThan(50);
    expect(await messagesOf(fresh.client)).toEqual(onOld);
  });

  test("the report says of each conversation what came, and which can be written in", () => {
    const { response, report } = move;
    const total = response.messageCount;
    expect(report).toMatchObject({
      suppliedBy: old.client.installationId,
      totals: {
        conversations: Object.keys(before).length,
        sent: total,
        imported: total,
        alreadyThere: 0,
      },
    });
    expect(response.notMadeLive).toEqual([history.leftGroup]);
    expect(
      report.conversations
        .filter(({ liveness }) => liveness !== "live")
        .map(({ conversationId }) => conversationId),
    ).toEqual([history.leftGroup]);
    expect(response.leftOut).toEqual([
      expect.objectContaining({
        reason: "backupChannel",
        conversationCount: 1,
      }),
    ]);
    expect(report.leftOut).toEqual(response.leftOut);
  });

  test("progress is told on both sides, in order, up to the whole", () => {
    const { providerProgress, requesterProgress, response } = move;
    const phases = (all: typeof providerProgress) => [
      ...new Set(all.map(({ phase }) => phase)),
    ];
    expect(phases(providerProgress)).toEqual([
      "checkingRequester",
      "makingConversationsLive",
      "archiving",
      "uploading",
      "responding",
    ]);
    expect(phases(requesterProgress)).toEqual([
      "downloading",
      "verifying",
      "importing",
      "syncing",
      "restoringConsent",
      "cleaningUp",
    ]);
    const last = (phase: string) =>
      requesterProgress.findLast((progress) => progress.phase === phase);
    expect(last("downloading")).toMatchObject({
      bytes: response.sizeBytes,
      totalBytes: response.sizeBytes,
    });
    expect(last("importing")).toMatchObject({
      messages: response.messageCount,
      totalMessages: response.messageCount,
    });
  });

  test("the channel is in no list of conversations, and what stands in it deletes itself", async () => {
    for (const { client } of [old, fresh]) {
      const { conversations } = client;
      expect((await conversations.list()).filter(isBackupChannel)).toEqual([]);
      await conversations.syncAll(everyConsent);
      const [channelId, ...others] = channelsOf(client);
      expect(others).toEqual([]);
      const channel = await find(client, channelId ?? "");
      // The SDK sets a message's end when it comes in, and has no call that deletes one.
      const messages = await channel.messages({ kind: applicationMessages });
      expect(messages).toHaveLength(2);
      const latestNs = move.request.expiresAtNs + hourNs + minuteNs;
      for (const { expiresAtNs } of messages)
        expect(expiresAtNs).toBeLessThan(latestNs);
      // Whatever comes now is gone at once.
      expect(channel.messageDisappearingSettings()).toEqual({
        fromNs: 1n,
        inNs: 1n,
      });
    }
  });

  test("the storage provider has no file left", async () => {
    expect(
      world.storage.provider.requests
        .map(({ method, status }) => `${method} ${status}`)
        .filter((line) => line.startsWith("DELETE")),
    ).toEqual(["DELETE 204"]);
  });

  test("the request is Applied, and nothing waits on either side", async () => {
    const { requestId } = move.request;
    expect(
      await fresh.carryover.getRemoteMessageHistoryBackupRequestStatus(
        requestId,
      ),
    ).toMatchObject({ status: "Applied", step: "done", report: move.report });
    for (const { carryover } of [old, fresh])
      expect(await carryover.sync()).toEqual({
        inboundRequests: [],
        ready: [],
        problems: [],
      });
  });

  test.each([
    "ownGroup",
    "joinedGroup",
    "unknownGroup",
    "emptyGroup",
    "allowedDm",
  ] as const)(
    "what the new installation writes in %s arrives at Bo, and his reply comes back",
    async (name) => {
      const here = await find(fresh.client, history[name]);
      const there = await find(cast.bo, history[name]);
      await here.sendText(`from the new one: ${name}`);
      await there.sync();
      expect((await there.lastMessage())?.content).toBe(
        `from the new one: ${name}`,
      );
      await there.sendText(`welcome back: ${name}`);
      await here.sync();
      expect((await here.lastMessage())?.content).toBe(`welcome back: ${name}`);
    },
  );

  test("both of two duplicate DMs are live again", async () => {
    for (const id of history.duplicateDms) {
      const here = await find(fresh.client, id);
      await here.sendText(`into ${id}`);
      const there = await find(cast.dana, id);
      await there.sync();
      expect((await there.lastMessage())?.content).toBe(`into ${id}`);
    }
  });
});

const minuteNs = 60n * 1_000_000_000n;
const hourNs = 60n * minuteNs;

function channelsOf(client: TestClient): string[] {
  return client.conversations
    .listGroups({ consentStates: everyConsent })
    .filter(isBackupChannel)
    .map(({ id }) => id);
}
