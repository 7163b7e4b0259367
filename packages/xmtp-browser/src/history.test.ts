import { parseInstallationId } from "@carryover/protocol";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  newInstallation,
  populateConversations,
  waitFor,
} from "@carryover/testkit";
import { describeHistoryContract } from "@carryover/testkit/contracts";
import { usePortsInChromium } from "./testing/ports-in-chromium.js";

const page = usePortsInChromium();

describeHistoryContract("browser", async () => {
  const network = await createTestNetwork();
  const oldLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => oldLink.close());
  const alix = createPerson(network);
  const bo = await newInstallation(createPerson(network));
  const open = async (apiUrl: string) => {
    const installation = await page.openInstallation(alix, apiUrl);
    network.onClose(() => installation.close());
    return installation;
  };
  const old = await open(oldLink.url);
  const seeded = await populateConversations(old, bo);
  const fresh = await open(network.network.grpcWebUrl);
  return {
    old: old.history,
    fresh: fresh.history,
    freshInstallationId: parseInstallationId(fresh.installationId),
    oldLink,
    signals: "travelling",
    seeded: {
      group: seeded.group.id,
      joined: seeded.joined.id,
      dm: seeded.dm.id,
      denied: seeded.denied.id,
      disappearing: seeded.disappearing.id,
      backupChannel: await old.createBackupChannel(),
      messageIds: seeded.messageIds,
    },
    writeFromOld: (id, text) => old.conversations.sendText(id, text),
    writeFromFresh: async (id, text) => {
      await fresh.conversations.sendText(id, text);
      await waitFor("the text to arrive", async () => {
        await bo.conversations.syncAll([0, 1, 2]);
        const conversation = await bo.conversations.getConversationById(id);
        return (await conversation?.lastMessage())?.content === text;
      });
    },
    oneMoreInstallation: async () => {
      const newest = await open(network.network.grpcWebUrl);
      // What a provider does first, to learn of it.
      await old.fetchInboxState();
      return {
        installationId: parseInstallationId(newest.installationId),
        conversationIds: async () => {
          await newest.conversations.syncAll([0, 1, 2]);
          return await newest.conversations.ids();
        },
      };
    },
    close: () => network.close(),
  };
});
