import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bundlePage,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import type { Progress, ProtectionChoice } from "@carryover/client";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
} from "@carryover/testkit";
import {
  accountFileAt,
  createCarryover,
  verifyBackupAccountFile,
} from "@carryover/xmtp-node";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import type { AccountProgram, Work } from "../testing/account-page.js";
import { travelling } from "../testing/travelling-signer.js";

let bundle: PageBundle;
let browser: TestBrowser;
beforeAll(async () => {
  bundle = await bundlePage(
    new URL("../testing/account-page.ts", import.meta.url),
  );
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});

const passphrase = "correct horse battery staple";
/** The cheapest that a writer takes: these tests are not about guessing. */
const protection: ProtectionChoice = {
  kind: "passphrase",
  passphrase,
  workFactor: 15,
};
const secret = { kind: "passphrase", passphrase } as const;

let network: TestNetwork;
let storage: TestStorage;
let alix: Person;
let phone: TestClient;
let bo: TestClient;
let tab: OpenPage<AccountProgram>;
let work: Work;
beforeEach(async () => {
  network = await createTestNetwork();
  storage = await startStorageProvider();
  alix = createPerson(network);
  phone = await newInstallation(alix);
  bo = await newInstallation(createPerson(network));
  tab = await browser.open<AccountProgram>(bundle.directory);
  work = {
    apiUrl: network.network.grpcWebUrl,
    allowedStorageOrigins: [storage.url],
  };
});
afterEach(async () => {
  await tab.page.close();
  await storage.close();
  await network.close();
});

async function saved(bytes: Uint8Array) {
  const path = join(await network.temporaryDirectory(), "alix.backup");
  await writeFile(path, bytes);
  return accountFileAt(path);
}

async function nodeWork() {
  return {
    network: { env: "local", apiUrl: network.apiUrl } as const,
    directory: join(await network.temporaryDirectory(), "work"),
  };
}

const nothing = { databases: [], files: [], caches: [], locks: [] };

async function nodeCarryover(client: TestClient) {
  const carryover = await createCarryover(client, {
    encryptionKey: new Uint8Array(32).fill(7),
    directory: join(await network.temporaryDirectory(), "carryover"),
    allowedStorageOrigins: [storage.url],
  });
  network.onClose(() => carryover.close());
  return { client, carryover };
}

/** A file that Alix's phone made on Node, with a group that goes on after it. */
async function makeOnNode() {
  const group = await phone.conversations.createGroup([bo.inboxId]);
  await group.sendText("before the file, Alix");
  const { carryover } = await nodeCarryover(phone);
  const path = join(await network.temporaryDirectory(), "alix.backup");
  const file = accountFileAt(path);
  const created = await carryover.createBackupAccountFile({
    file,
    signer: alix.signer,
    protection,
  });
  await say(bo, group.id, "after the file, Bo");
  const bytes = new Uint8Array(await readFile(path));
  return { carryover, created, file, bytes, groupId: group.id };
}

async function say(client: TestClient, groupId: string, text: string) {
  await client.conversations.syncAll([0, 1, 2]);
  const group = await client.conversations.getConversationById(groupId);
  if (group === undefined) throw new Error("the group is not there");
  await group.sendText(text);
}

async function textsOf(client: TestClient, groupId: string) {
  const group = await client.conversations.getConversationById(groupId);
  return ((await group?.messages()) ?? [])
    .map(({ content }) => content)
    .filter((content) => typeof content === "string");
}

describe("a Backup Account File in the browser", () => {
  it("is made with the wallet alone, opens there and on Node, and leaves nothing in the browser", async () => {
    const { program } = tab;
    const before = await program.fetchBudget(work, travelling(alix.signer));
    expect(before.installations.used).toBe(1);
    const phases: Progress["phase"][] = [];
    const { created, bytes } = await program.create(
      work,
      travelling(alix.signer),
      protection,
      async ({ phase }) => void phases.push(phase),
    );
    expect(created.summary.inboxId).toBe(phone.inboxId);
    expect(created.budget.installations.used).toBe(2);
    expect(created.sizeBytes).toBe(bytes.length);
    expect(phases).toContain("registering");

    const group = await bo.conversations.createGroup([phone.inboxId]);
    await group.sendText("after the file, Bo");
    const inBrowser = await program.verify(work, bytes, secret);
    expect(inBrowser.totals).toEqual({ conversations: 1, messages: 1 });
    const onNode = await verifyBackupAccountFile({
      ...(await nodeWork()),
      file: await saved(bytes),
      secret,
    });
    expect(onNode.totals).toEqual(inBrowser.totals);
    expect(await program.listStorage()).toEqual(nothing);
    expect(tab.problems).toEqual([]);
  });

  it("that Node made answers a request of Node, and reads on afterwards", async () => {
    const { program } = tab;
    const { carryover: old, file, bytes, groupId } = await makeOnNode();
    await old.close();
    const fresh = await nodeCarryover(await newInstallation(alix));
    const [asked] = await fresh.carryover.requestRemoteMessageHistoryBackup({
      storageProviderUrl: storage.url,
      appName: "The new one",
      ask: "devicesAndBackupAccountFiles",
    });
    if (asked === undefined) throw new Error("nobody was asked");
    network.network.calls.clear();
    const phases: Progress["phase"][] = [];
    const session = await program.openForRequests(
      work,
      bytes,
      secret,
      async ({ phase }) => void phases.push(phase),
    );
    const requests = await session.listInboundBackupRequests();
    expect(requests).toMatchObject([
      {
        verificationPin: asked.verificationPin,
        appName: "The new one",
        installationId: fresh.client.installationId,
      },
    ]);
    const requestId = requests[0]?.requestId ?? "";
    const report = await session.respondToBackupRequest(requestId, "approve");
    expect(report).toMatchObject({ outcome: "responded" });
    expect(await session.close()).toEqual({ fileState: "unchanged" });
    await fresh.carryover.sync();
    const applied =
      await fresh.carryover.applyRemoteMessageHistoryBackup(requestId);
    expect(applied.totals.imported).toBe(report.messageCount);
    expect(await textsOf(fresh.client, groupId)).toEqual([
      "before the file, Alix",
      "after the file, Bo",
    ]);
    expect(phases).toContain("syncing");

    // The file reads on.
    await say(bo, groupId, "later, Bo");
    const verified = await verifyBackupAccountFile({
      ...(await nodeWork()),
      file,
      secret,
    });
    expect(verified.totals.messages).toBe(3);
    expect(await program.listStorage()).toEqual(nothing);
    expect(tab.problems).toEqual([]);
  });
});
