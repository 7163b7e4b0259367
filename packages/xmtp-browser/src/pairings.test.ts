import { join } from "node:path";
import type { Carryover } from "@carryover/client";
import {
  bundlePage,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  populateConversations,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
  waitFor,
  type WritableConversation,
  type WritableGroup,
  type WritingClient,
} from "@carryover/testkit";
import { createCarryover } from "@carryover/xmtp-node";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "vitest";
import type { AppProgram } from "./testing/app-page.js";
import { travelling } from "./testing/travelling-signer.js";

/** A device of the person, whichever SDK it runs. */
interface Device {
  readonly inboxId: string;
  readonly installationId: string;
  readonly conversations: WritingClient<
    WritableGroup,
    WritableConversation
  >["conversations"] & {
    sendText(id: string, text: string): Promise<void>;
    texts(id: string): Promise<string[]>;
  };
  readonly carryover: Pick<
    Carryover,
    | "sync"
    | "requestRemoteMessageHistoryBackup"
    | "listInboundBackupRequests"
    | "respondToBackupRequest"
    | "applyRemoteMessageHistoryBackup"
  >;
}

let bundle: PageBundle;
/** Two: each has a profile of its own, as on two machines. */
let browsers: TestBrowser[];
beforeAll(async () => {
  bundle = await bundlePage(new URL("./testing/app-page.ts", import.meta.url));
  browsers = [await startBrowser(), await startBrowser()];
});
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await bundle.remove();
});

let network: TestNetwork;
let storage: TestStorage;
let alix: Person;
let bo: TestClient;
let pages: OpenPage<AppProgram>[];
beforeEach(async () => {
  network = await createTestNetwork();
  storage = await startStorageProvider();
  alix = createPerson(network);
  bo = await newInstallation(createPerson(network));
  pages = [];
});
afterEach(async () => {
  for (const { page } of pages) await page.close();
  await storage.close();
  await network.close();
});

const everyConsent = [0, 1, 2];

async function nodeDevice(): Promise<Device> {
  const client = await newInstallation(alix);
  const carryover = await createCarryover(client, {
    encryptionKey: new Uint8Array(32).fill(7),
    directory: join(await network.temporaryDirectory(), "carryover"),
    allowedStorageOrigins: [storage.url],
  });
  network.onClose(() => carryover.close());
  const found = async (id: string) => {
    const conversation = await client.conversations.getConversationById(id);
    if (conversation === undefined)
      throw new Error("the conversation is not there");
    return conversation;
  };
  return {
    inboxId: client.inboxId,
    installationId: client.installationId,
    carryover,
    conversations: {
      createGroup: (ids, options) =>
        client.conversations.createGroup(ids, options),
      createDm: (inboxId) => client.conversations.createDm(inboxId),
      listGroups: (options) => client.conversations.listGroups(options),
      syncAll: (states) => client.conversations.syncAll(states),
      sendText: async (id, text) =>
        void (await (await found(id)).sendText(text)),
      texts: async (id) =>
        (await (await found(id)).messages())
          .map(({ content }) => content)
          .filter((content) => typeof content === "string"),
    },
  };
}

async function browserDevice(index: 0 | 1): Promise<Device> {
  const opened = await browsers[index]?.open<AppProgram>(bundle.directory);
  if (opened === undefined) throw new Error("there is no such browser");
  pages.push(opened);
  return await opened.program.openApp(
    {
      apiUrl: network.network.grpcWebUrl,
      signer: travelling(alix.signer),
      dbPath: "app.db3",
    },
    { allowedStorageOrigins: [storage.url] },
  );
}

test.each<[string, () => Promise<Device>, () => Promise<Device>]>([
  ["Node asks, the browser answers", () => browserDevice(0), nodeDevice],
  ["the browser asks, Node answers", nodeDevice, () => browserDevice(0)],
  [
    "a browser asks, another one answers",
    () => browserDevice(0),
    () => browserDevice(1),
  ],
])(
  "%s: the history arrives whole, and is live",
  async (_, openOld, openFresh) => {
    const old = await openOld();
    const seeded = await populateConversations(old, bo);
    const fresh = await openFresh();

    const [request] = await fresh.carryover.requestRemoteMessageHistoryBackup({
      storageProviderUrl: storage.url,
      appName: "The new one",
    });
    if (request === undefined) throw new Error("nobody was asked");
    expect(request.recipientInstallationId).toBe(old.installationId);
    await old.carryover.sync();
    expect(await old.carryover.listInboundBackupRequests()).toMatchObject([
      {
        requestId: request.requestId,
        verificationPin: request.verificationPin,
        installationId: fresh.installationId,
        appName: "The new one",
        pinState: "unique",
      },
    ]);
    const response = await old.carryover.respondToBackupRequest(
      request.requestId,
      "approve",
    );
    expect(response).toMatchObject({ outcome: "responded", notMadeLive: [] });

    await fresh.carryover.sync();
    const phases = new Set<string>();
    const report = await fresh.carryover.applyRemoteMessageHistoryBackup(
      request.requestId,
      { onProgress: ({ phase }) => void phases.add(phase) },
    );
    expect(report.suppliedBy).toBe(old.installationId);
    expect(report.totals.imported).toBe(response.messageCount);
    expect(report.totals.sent).toBe(response.messageCount);
    expect(report.totals.alreadyThere).toBe(0);
    expect(report.conversations.map(({ liveness }) => liveness)).toEqual(
      report.conversations.map(() => "live"),
    );
    expect([...phases]).toContain("importing");

    for (const { id } of [
      seeded.group,
      seeded.joined,
      seeded.dm,
      seeded.denied,
    ])
      expect(await fresh.conversations.texts(id)).toEqual(
        await old.conversations.texts(id),
      );
    expect(await fresh.conversations.texts(seeded.disappearing.id)).toEqual([
      "stays",
    ]);
    // The new installation has deleted the file at the storage service.
    expect(
      storage.provider.requests.filter(
        ({ method, status }) => method === "DELETE" && status < 300,
      ),
    ).toHaveLength(1);

    for (const { id } of [seeded.group, seeded.joined, seeded.dm]) {
      await fresh.conversations.sendText(id, "I am back");
      await waitFor("the text to arrive at Bo's", async () => {
        await bo.conversations.syncAll(everyConsent);
        const conversation = await bo.conversations.getConversationById(id);
        return (await conversation?.lastMessage())?.content === "I am back";
      });
    }
    expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
  },
);
