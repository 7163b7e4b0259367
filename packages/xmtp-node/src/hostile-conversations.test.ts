import {
  backupChannelMarker,
  backupMessageContentType,
} from "@carryover/protocol";
import {
  createPerson,
  createTestNetwork,
  findGroup,
  newInstallation,
  type Person,
  type TestClient,
  type TestNetwork,
} from "@carryover/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  callIdOf,
  channelGroupOptions,
  isBackupChannel,
} from "./channel-group.js";
import { createChannels } from "./channels.js";
import { systemClock } from "./clock.js";

const hourNs = 3_600_000_000_000n;
const bytes = Uint8Array.of(1, 2, 3);
const encoded = {
  type: backupMessageContentType,
  parameters: {},
  fallback: "",
  content: bytes,
};

describe("conversations that others make", () => {
  let network: TestNetwork;
  let alix: Person;
  let own: TestClient;
  let other: TestClient;
  let mallory: TestClient;
  beforeEach(async () => {
    network = await createTestNetwork();
    alix = createPerson(network);
    own = await newInstallation(alix);
    other = await newInstallation(alix);
    mallory = await newInstallation(createPerson(network));
  });
  afterEach(() => network.close());

  it("lists a marked group of somebody else with all its members, for the engine to refuse", async () => {
    const group = await mallory.conversations.createGroup([own.inboxId], {
      appData: `${backupChannelMarker}call`,
    });
    await group.send(encoded, { shouldPush: true });
    const channels = createChannels(own, systemClock);
    await channels.sync();
    expect(await channels.list()).toEqual([
      { channelId: group.id, callId: "call" },
    ]);
    const described = await channels.describe(group.id);
    expect(described?.isMarked).toBe(true);
    expect(described?.memberInboxIds.sort()).toEqual(
      [own.inboxId, mallory.inboxId].sort(),
    );
  });

  it("takes no mark for one that does not stand at the beginning", async () => {
    const group = await mallory.conversations.createGroup([own.inboxId], {
      appData: ` ${backupChannelMarker}call`,
    });
    const channels = createChannels(own, systemClock);
    await channels.sync();
    expect(await channels.list()).toEqual([]);
    expect(await channels.describe(group.id)).toMatchObject({
      isMarked: false,
    });
  });

  it("streams backup messages of a DM and of a foreign group with where they stand, and nothing else", async () => {
    const channels = createChannels(own, systemClock);
    const stop = new AbortController();
    const events = channels.stream(stop.signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ kind: "gap" });
    const dm = await mallory.conversations.createDm(own.inboxId);
    await dm.sendText("chat is not for the engine");
    await dm.send(encoded, { shouldPush: true });
    expect((await events.next()).value).toMatchObject({
      kind: "message",
      message: {
        conversationId: dm.id,
        senderInboxId: mallory.inboxId,
        content: bytes,
      },
    });
    const group = await mallory.conversations.createGroup([own.inboxId]);
    await group.send(encoded, { shouldPush: true });
    expect((await events.next()).value).toMatchObject({
      kind: "message",
      message: { conversationId: group.id },
    });
    expect(await channels.describe(dm.id)).toMatchObject({
      kind: "dm",
      isMarked: false,
    });
    stop.abort();
  });

  it("sees a member that another installation of the inbox lets in", async () => {
    const channels = createChannels(own, systemClock);
    const channelId = await channels.create({
      callId: "call",
      messageLifetimeNs: hourNs,
    });
    await other.conversations.syncAll([0, 1, 2]);
    const theirs = await findGroup(other, channelId);
    await expect(theirs.addMembers([mallory.inboxId])).rejects.toThrow();
    await channels.refresh(channelId);
    expect(await channels.describe(channelId)).toMatchObject({
      memberInboxIds: [own.inboxId],
    });
    // The inbox is super admin by any of its installations: it can open what was closed.
    await theirs.updatePermission(0, 0);
    await theirs.addMembers([mallory.inboxId]);
    await channels.refresh(channelId);
    const described = await channels.describe(channelId);
    expect(described?.memberInboxIds).toHaveLength(2);
  });

  it("lets nobody change what a channel says of itself", async () => {
    const channels = createChannels(own, systemClock);
    const channelId = await channels.create({
      callId: "call",
      messageLifetimeNs: hourNs,
    });
    await other.conversations.syncAll([0, 1, 2]);
    const theirs = await findGroup(other, channelId);
    for (const change of [
      () => theirs.updateAppData("something else"),
      () => theirs.updateName("something else"),
      () => theirs.updateDescription("something else"),
      () => theirs.updateImageUrl("https://example.org"),
      () => theirs.addAdmin(own.inboxId),
    ])
      await expect(change()).rejects.toThrow();
    await channels.refresh(channelId);
    expect(await channels.list()).toEqual([{ channelId, callId: "call" }]);
  });

  it("names and describes a channel for persons, within the network's limits", () => {
    const { groupName, groupDescription, appData } = channelGroupOptions(
      "c".repeat(64),
      hourNs,
    );
    expect(groupName?.length).toBeLessThanOrEqual(100);
    expect(groupDescription?.length).toBeLessThanOrEqual(1_000);
    expect(appData?.length).toBeLessThanOrEqual(8_192);
  });

  it("tells an app which conversations to leave out of its list", async () => {
    const channels = createChannels(own, systemClock);
    const channelId = await channels.create({
      callId: "call",
      messageLifetimeNs: hourNs,
    });
    const group = await own.conversations.createGroup([mallory.inboxId]);
    const dm = await own.conversations.createDm(mallory.inboxId);
    expect(isBackupChannel(await findGroup(own, channelId))).toBe(true);
    expect(isBackupChannel(group)).toBe(false);
    expect(isBackupChannel(dm)).toBe(false);
  });

  it("keeps a hidden channel hidden when it writes to it or empties it", async () => {
    const channels = createChannels(own, systemClock);
    const channelId = await channels.create({
      callId: "call",
      messageLifetimeNs: hourNs,
    });
    const isShown = () =>
      own.conversations.listGroups().some(({ id }) => id === channelId);
    expect(isShown()).toBe(true);
    await channels.hide(channelId);
    expect(isShown()).toBe(false);
    await channels.send(channelId, {
      content: bytes,
      fallback: "",
      idempotencyKey: "key",
      push: "quiet",
    });
    expect(isShown()).toBe(false);
    await channels.deleteMessages(channelId);
    expect(isShown()).toBe(false);
  });

  it("takes a group whose state cannot be read for no channel", () => {
    const broken = {
      get appData(): string {
        throw new Error("[GroupError::…]");
      },
    };
    expect(callIdOf(broken)).toBeUndefined();
    expect(isBackupChannel({})).toBe(false);
  });
});
