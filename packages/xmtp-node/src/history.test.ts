import { join } from "node:path";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  newInstallation,
  populateConversations,
  type TestClient,
  waitFor,
} from "@carryover/testkit";
import { parseInstallationId } from "@carryover/protocol";
import { describeHistoryContract } from "@carryover/testkit/contracts";
import { describe, expect, it } from "vitest";
import { channelGroupOptions } from "./channel-group.js";
import { systemClock, systemRandomBytes } from "./clock.js";
import { createHistory } from "./history.js";

describe("node: duplicate DMs", () => {
  it("are listed each, and what disappears in one is not counted in the other", async () => {
    const network = await createTestNetwork();
    try {
      const own = await newInstallation(createPerson(network));
      const peer = await newInstallation(createPerson(network));
      // Each makes it before it knows of the other's.
      const mine = await own.conversations.createDm(peer.inboxId);
      const theirs = await peer.conversations.createDm(own.inboxId, {
        messageDisappearingSettings: { fromNs: 1n, inNs: 3_600_000_000_000n },
      });
      await mine.sendText("stays");
      await theirs.sendText("goes");
      await own.conversations.syncAll([0, 1, 2]);
      const history = await createHistory(own, {
        directory: join(await network.temporaryDirectory(), "archives"),
        clock: systemClock,
        randomBytes: systemRandomBytes,
      });
      const listed = await history.listConversations();
      expect(listed.map(({ conversationId }) => conversationId).sort()).toEqual(
        [mine.id, theirs.id].sort(),
      );
      expect(await history.countDisappearingMessages(mine.id, {})).toBe(0);
      expect(await history.countDisappearingMessages(theirs.id, {})).toBe(1);
      // The library shows them as one, and counts them so.
      expect(await history.countMessages(mine.id)).toBe(2);
      expect(await history.countMessages(theirs.id)).toBe(2);
    } finally {
      await network.close();
    }
  });
});

describeHistoryContract(
  "node",
  async () => {
    const network = await createTestNetwork();
    const oldLink = await createNetworkLink(network.apiUrl);
    network.onClose(() => oldLink.close());
    const alix = createPerson(network);
    const bo = await newInstallation(createPerson(network));
    const oldClient = await newInstallation(alix, { apiUrl: oldLink.url });
    const seeded = await populateConversations(oldClient, bo);
    const freshClient = await newInstallation(alix);
    const channel = await oldClient.conversations.createGroup(
      [],
      channelGroupOptions("call", 1_000_000_000_000n),
    );
    const history = async (client: TestClient) =>
      createHistory(client, {
        directory: join(await network.temporaryDirectory(), "archives"),
        clock: systemClock,
        randomBytes: systemRandomBytes,
      });
    const write = async (client: TestClient, id: string, text: string) => {
      const conversation = await client.conversations.getConversationById(id);
      await conversation?.sendText(text);
    };
    return {
      old: await history(oldClient),
      fresh: await history(freshClient),
      freshInstallationId: parseInstallationId(freshClient.installationId),
      oldLink,
      seeded: {
        group: seeded.group.id,
        joined: seeded.joined.id,
        dm: seeded.dm.id,
        denied: seeded.denied.id,
        disappearing: seeded.disappearing.id,
        backupChannel: channel.id,
        messageIds: seeded.messageIds,
      },
      writeFromOld: (id, text) => write(oldClient, id, text),
      writeFromFresh: async (id, text) => {
        await write(freshClient, id, text);
        await waitFor("the text to arrive", async () => {
          await bo.conversations.syncAll([0, 1, 2]);
          const conversation = await bo.conversations.getConversationById(id);
          return (await conversation?.lastMessage())?.content === text;
        });
      },
      oneMoreInstallation: async () => {
        const client = await newInstallation(alix);
        // What a provider does first, to learn of it.
        await oldClient.preferences.fetchInboxState();
        return {
          installationId: parseInstallationId(client.installationId),
          conversationIds: async () => {
            await client.conversations.syncAll([0, 1, 2]);
            const listed = await client.conversations.list({
              consentStates: [0, 1, 2],
            });
            return listed.map(({ id }) => id);
          },
        };
      },
      close: () => network.close(),
    };
  },
  { worlds: "sideBySide" },
);
