import { randomUUID } from "node:crypto";
import { parseInstallationId } from "@carryover/protocol";
import {
  bundlePage,
  later,
  laterIterable,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  populateConversations,
  waitFor,
} from "@carryover/testkit";
import {
  describeChannelsContract,
  describeHistoryContract,
  describeScratchContract,
  describeStateStoreContract,
  describeStorageProviderClientContract,
} from "@carryover/testkit/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PortsProgram } from "./testing/ports-page.js";
import { travelling } from "./testing/travelling-signer.js";

let bundle: PageBundle;
let browser: TestBrowser;
let opened: OpenPage<PortsProgram>;
beforeAll(async () => {
  bundle = await bundlePage(
    new URL("./testing/ports-page.ts", import.meta.url),
  );
  browser = await startBrowser();
  opened = await browser.open<PortsProgram>(bundle.directory);
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});

describeScratchContract("browser, origin private file system", () =>
  scratchSubject("opfs"),
);
describeScratchContract("browser, memory", () => scratchSubject("memory"));

async function scratchSubject(kind: "opfs" | "memory") {
  const name = randomUUID();
  const open = () => opened.program.openScratch(name, kind);
  return { open, close: async () => await (await open()).removeAll() };
}

const newInstallationId = () =>
  `${randomUUID()}${randomUUID()}`.replaceAll("-", "");

describeStateStoreContract("browser", async () => {
  const installationId = newInstallationId();
  const open = () => opened.program.openStateStore(installationId);
  return {
    open,
    close: async () => {
      const store = await open();
      await store.close();
      await store.remove();
    },
  };
});

describeStorageProviderClientContract("browser", () =>
  later(opened.program.createStorageClient(10_000_000), [
    "obtainUploadAuthorization",
    "upload",
    "findUpload",
    "download",
    "deleteBackup",
  ]),
);

describe("browser: files that wait to be sent", () => {
  it("are all gone after the calls above, whichever way they ended", async () => {
    expect(await opened.program.uploadsLeft()).toEqual([]);
  });
});

describeChannelsContract("browser", async () => {
  const network = await createTestNetwork();
  const askingLink = await createNetworkLink(network.network.grpcWebUrl);
  const askedLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => askingLink.close());
  network.onClose(() => askedLink.close());
  const person = createPerson(network);
  const asked = await openInstallation(person, askedLink.url);
  const asking = await openInstallation(person, askingLink.url);
  network.onClose(() => asked.close());
  network.onClose(() => asking.close());
  return {
    inboxId: asked.inboxId,
    asking: channelsOf(asking),
    asked: channelsOf(asked),
    askingLink,
    askedLink,
    close: () => network.close(),
  };
});

describeHistoryContract("browser", async () => {
  const network = await createTestNetwork();
  const oldLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => oldLink.close());
  const alix = createPerson(network);
  const bo = await newInstallation(createPerson(network));
  const open = async (apiUrl: string) => {
    const installation = await openInstallation(alix, apiUrl);
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

type RemoteInstallation = Awaited<ReturnType<PortsProgram["openInstallation"]>>;

async function openInstallation(
  { signer }: Person,
  apiUrl: string,
): Promise<RemoteInstallation> {
  return await opened.program.openInstallation({
    apiUrl,
    signer: travelling(signer),
    dbPath: null,
  });
}

const channelsOf = ({ channels }: RemoteInstallation) => ({
  ...channels,
  stream: (signal: AbortSignal) => laterIterable(channels.stream(signal)),
});

describe("browser: the page", () => {
  it("was told of every failure by a promise, and left none uncaught", () => {
    expect(opened.problems).toEqual([]);
  });
});
