import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addPasskeyAuthenticator,
  bundlePage,
  type OpenPage,
  type PageBundle,
  serveDirectory,
  type SiteServer,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import type {
  Progress,
  ProtectionChoice,
  SecretChoice,
} from "@carryover/client";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
  waitFor,
} from "@carryover/testkit";
import {
  accountFileAt,
  createCarryover,
  isBackupChannel,
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
import type { AppProgram } from "../testing/app-page.js";
import type { TestSigner } from "../testing/test-client.js";
import { travelling } from "../testing/travelling-signer.js";

let bundle: PageBundle;
let appBundle: PageBundle;
let browser: TestBrowser;
/** One for all tests: the browser then compiles the library once, and who leaves something there is found out. */
let site: SiteServer;
beforeAll(async () => {
  [bundle, appBundle, browser] = await Promise.all([
    bundlePage(new URL("../testing/account-page.ts", import.meta.url)),
    bundlePage(new URL("../testing/app-page.ts", import.meta.url)),
    startBrowser(),
  ]);
  site = await serveDirectory(bundle.directory);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await bundle.remove();
  await appBundle.remove();
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
  tab = await browser.open<AccountProgram>(site);
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
  const group = await phone.conversations.createGroup([bo.inboxId], {
    groupName: "Book club",
  });
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

/** Calls that change something for others, since the log was cleared. */
const writes = () =>
  network.network.calls
    .list()
    .map(({ method }) => method)
    .filter((method) => /^(Send|Publish|BatchPublish|Register)/.test(method));

/** Calls of pages, since the log was cleared: those on Node renew their key packages when it suits them. */
const callsOfPages = () =>
  network.network.calls.list().filter(({ protocol }) => protocol === "grpcWeb")
    .length;

/** An app of a person in a tab of its own, with a database that it keeps. */
async function openApp({ signer }: Person) {
  const { program, page } = await browser.open<AppProgram>(appBundle.directory);
  const app = await program.openApp(
    {
      apiUrl: network.network.grpcWebUrl,
      signer: travelling(signer),
      dbPath: "app.db3",
    },
    { allowedStorageOrigins: [storage.url], keep: "inMemory" },
  );
  return {
    ...app,
    close: async () => {
      await app.close();
      await page.close();
    },
  };
}

/** Opens another tab in the place of a closed one, once the browser has let go of what that one held. */
async function openAnew(): Promise<void> {
  tab = await browser.open<AccountProgram>(site);
  const { program } = tab;
  await waitFor(
    "the closed tab to let go of its locks",
    async () => (await program.listStorage()).locks.length === 0,
  );
}

/** Refreshes files in a tab that is closed when the newer ones would be written, and opens another. */
async function cutRefreshesOff(...files: Uint8Array[]): Promise<void> {
  let writing = 0;
  const refreshing = files.map((bytes) =>
    tab.program
      .refreshWithoutEnd(work, bytes, secret, async () => {
        writing += 1;
      })
      .then(() => expect.unreachable("the newer file is never written")),
  );
  await Promise.race([
    waitFor("the newer files to be written", () => writing === files.length),
    ...refreshing,
  ]);
  await tab.page.close();
  for (const each of refreshing)
    await expect(each).rejects.toThrow(/has been closed/);
  await openAnew();
}

describe("a Backup Account File in the browser", () => {
  it("is made with the wallet alone, opens there and on Node, and leaves nothing in the browser", async () => {
    const { page, program } = tab;
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
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
    // The library would write ids there.
    expect(said).toEqual([]);
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
    // The library wants to add it to the channel when it fetches that, and is not let.
    await newInstallation(alix);
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
    const { files, ...others } = await program.listStorage();
    expect({ ...others, files: [] }).toEqual(nothing);
    // Only which request the file has answered, as a hash, so that it is not listed again.
    for (const path of files)
      expect(path).toMatch(/^\/carryover(\/notes(\/answered-[0-9a-f]{64})?)?$/);
    await program.clearCarryoverStorage();
    expect(await program.listStorage()).toEqual(nothing);
    expect(tab.problems).toEqual([]);
  });

  it("is looked into without a word to anybody", async () => {
    const { bytes, created, groupId } = await makeOnNode();
    const asked: string[] = [];
    tab.page.on("request", (request) => asked.push(request.url()));
    network.network.calls.clear();
    const { program } = tab;
    const seen = {
      sizeBytes: bytes.length,
      protection: { kind: "passphrase", workFactor: 15 },
    };
    expect(await program.inspect(bytes)).toEqual(seen);
    const inspected = await program.inspect(bytes, secret);
    expect(inspected).toMatchObject({
      ...seen,
      contents: { summary: created.summary },
    });
    const { file, conversations } = await program.lookInside(bytes, secret);
    expect(file).toEqual(inspected);
    expect(conversations).toEqual([
      {
        conversationId: groupId,
        kind: "group",
        name: "Book club",
        messageCount: 1,
      },
    ]);
    expect(callsOfPages()).toBe(0);
    // The library itself, and nothing else.
    for (const url of asked)
      expect(new URL(url).origin).toBe(new URL(tab.site.origin).origin);
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("is refreshed, and the newer one opens on Node; revoked, it is useless", async () => {
    const { program } = tab;
    const { bytes, groupId } = await makeOnNode();
    const refreshed = await program.refresh(work, bytes, secret);
    expect(refreshed.report).toMatchObject({
      summary: { sequence: 2 },
      keyPackage: "renewed",
      messageCount: 2,
    });
    await say(bo, groupId, "later, Bo");
    const file = await saved(refreshed.bytes);
    const onNode = await verifyBackupAccountFile({
      ...(await nodeWork()),
      file,
      secret,
    });
    expect(onNode).toMatchObject({
      file: { copy: "newest", missing: [] },
      totals: { messages: 3 },
    });
    const older = await program.verify(work, bytes, secret);
    expect(older.file.copy).toBe("olderCopy");

    const signer = travelling(alix.signer);
    const once = await program.revoke(work, signer, refreshed.bytes, secret);
    const twice = await program.revoke(work, signer, refreshed.bytes, secret);
    expect([once.outcome, twice.outcome]).toEqual([
      "revoked",
      "alreadyRevoked",
    ]);
    expect(await program.verifyCode(work, refreshed.bytes, secret)).toBe(
      "accountFileRevoked",
    );
    expect(await program.listStorage()).toEqual(nothing);
    expect(tab.problems).toEqual([]);
  });

  it("becomes an XMTP archive that another app imports", async () => {
    const { program } = tab;
    const { bytes, groupId } = await makeOnNode();
    network.network.calls.clear();
    const { archive, key, ...counts } = await program.toArchive(
      work,
      bytes,
      secret,
    );
    expect(counts).toEqual({ conversationCount: 1, messageCount: 2 });
    expect(writes()).toEqual([]);
    const fresh = await newInstallation(alix);
    const path = join(await network.temporaryDirectory(), "archive");
    await writeFile(path, archive);
    await fresh.importArchive(path, key);
    expect(await textsOf(fresh, groupId)).toEqual([
      "before the file, Alix",
      "after the file, Bo",
    ]);
    expect(
      (await fresh.conversations.list({ consentStates: [0, 1, 2] })).filter(
        isBackupChannel,
      ),
    ).toEqual([]);
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("that does not open, or is of another account or network, says which of it", async () => {
    const { program } = tab;
    const { bytes } = await makeOnNode();
    const code = (file: Uint8Array, its: SecretChoice = secret) =>
      program.verifyCode(work, file, its);
    network.network.calls.clear();
    expect(await code(bytes, { ...secret, passphrase: "wrong horses" })).toBe(
      "wrongPassphrase",
    );
    expect(await code(bytes.subarray(0, bytes.length - 1))).toBe("truncated");
    expect(await code(bytes.subarray(0, bytes.length >> 1))).toBe("truncated");
    const flipped = bytes.slice();
    flipped[bytes.length - 40] = (flipped[bytes.length - 40] ?? 0) ^ 1;
    expect(await code(flipped)).toBe("altered");
    expect(await code(new Uint8Array(100))).toBe("notAccountFile");
    expect(writes()).toEqual([]);
    expect(await program.listStorage()).toEqual(nothing);

    const app = await openApp(createPerson(network));
    await expect(
      app.carryover.importFromBackupAccountFile({
        file: await saved(bytes),
        secret,
      }),
    ).rejects.toMatchObject({ code: "accountFileOfAnotherAccount" });
    await app.close();
  });

  it("made by an app in the browser holds the history so far, and brings it to another one there", async () => {
    const app = await openApp(alix);
    const group = await app.conversations.createGroup([bo.inboxId]);
    await group.sendText("before the file, Alix");
    await say(bo, group.id, "before the file, Bo");
    await app.conversations.syncAll([0, 1, 2]);
    const path = join(await network.temporaryDirectory(), "alix.backup");
    const file = accountFileAt(path);
    const created = await app.carryover.createBackupAccountFile({
      file,
      signer: travelling(alix.signer),
      protection,
    });
    expect(created).toMatchObject({
      joinedConversationCount: 1,
      notJoined: [],
      history: { conversationCount: 1, messageCount: 2 },
    });
    await say(bo, group.id, "after the file, Bo");
    await app.close();

    const fresh = await openApp(alix);
    const report = await fresh.carryover.importFromBackupAccountFile({
      file,
      secret,
    });
    expect(report).toMatchObject({
      fileState: "unchanged",
      totals: { imported: 3 },
    });
    expect(await fresh.conversations.texts(group.id)).toEqual([
      "before the file, Alix",
      "before the file, Bo",
      "after the file, Bo",
    ]);
    await fresh.close();
  });

  it("is protected by the wallet's signature as well", async () => {
    const { program } = tab;
    const signer = travelling(alix.signer);
    const { bytes } = await program.create(
      work,
      signer,
      { kind: "wallet", signer },
      async () => undefined,
    );
    const stranger = travelling(createPerson(network).signer);
    expect(
      await program.verifyCode(work, bytes, { kind: "wallet", signer }),
    ).toBe("none");
    expect(
      await program.verifyCode(work, bytes, {
        kind: "wallet",
        signer: stranger,
      }),
    ).toBe("wrongWallet");
  });

  it("is protected by a passkey of the page as well", async () => {
    // A passkey belongs to a name, and not to an address.
    const { origin } = tab.site;
    const { page, program } = await browser.open<AccountProgram>({
      ...tab.site,
      origin: origin.replace("127.0.0.1", "localhost"),
    });
    const authenticator = await addPasskeyAuthenticator(page);
    const bytes = await program.createWithPasskey(
      work,
      travelling(alix.signer),
    );
    expect((await program.inspect(bytes)).protection).toEqual({
      kind: "passkey",
    });
    expect(await program.verifyWithPasskey(work, bytes)).toBe("none");
    expect(await program.verifyCode(work, bytes, secret)).toBe(
      "protectionMismatch",
    );
    await authenticator.clear();
    expect(await program.verifyWithPasskey(work, bytes)).toBe("passkeyRefused");
    await page.close();
  });

  it("is not made where the wallet has no account, or does not sign", async () => {
    const { program } = tab;
    const create = (signer: TestSigner) =>
      program.create(work, signer, protection, async () => undefined);
    await expect(
      create(travelling(createPerson(network).signer)),
    ).rejects.toMatchObject({ code: "accountNotFound" });
    await expect(
      create({
        ...travelling(alix.signer),
        signMessage: async () => {
          throw new Error("the person said no");
        },
      }),
    ).rejects.toMatchObject({ code: "walletRefused" });
    const { installations } = await program.fetchBudget(
      work,
      travelling(alix.signer),
    );
    expect(installations.used).toBe(1);
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("leaves nothing when the tab is closed while it is open", async () => {
    const { bytes } = await makeOnNode();
    await tab.program.openForRequests(
      work,
      bytes,
      secret,
      async () => undefined,
    );
    await tab.page.close();
    await openAnew();
    expect(await tab.program.listStorage()).toEqual(nothing);
    expect(await tab.program.verifyCode(work, bytes, secret)).toBe("none");
  });

  it("whose making a closed tab cut off is told of at the next visit, and can be revoked", async () => {
    const signer = travelling(alix.signer);
    let isWriting = false;
    const making = tab.program
      .create(work, signer, protection, async ({ phase }) => {
        isWriting ||= phase === "writingFile";
      })
      .catch((error: unknown) => error);
    await waitFor("the file to be written", () => isWriting);
    await tab.page.close();
    await making;
    await openAnew();
    const { program } = tab;
    const unfinished = await program.unfinished(work);
    expect(unfinished).toMatchObject([
      { inboxId: phone.inboxId, file: "notMade" },
    ]);
    for (const which of unfinished)
      await program.revokeInstallation(work, signer, which);
    expect(await program.unfinished(work)).toEqual([]);
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("that was made in a tab which was closed before it was saved is told of until somebody says that it was", async () => {
    const { created } = await tab.program.createUnsaved(
      work,
      travelling(alix.signer),
      protection,
      async () => undefined,
    );
    const { inboxId, installationId } = created.summary;
    await tab.page.close({ runBeforeUnload: false });
    await openAnew();
    const { program } = tab;
    expect(await program.unfinished(work)).toMatchObject([
      { inboxId, installationId, file: "perhapsSaved" },
    ]);
    await program.confirmSaved({ installationId });
    expect(await program.unfinished(work)).toEqual([]);
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("whose refresh was cut off is known for what it is, until everything is cleared", async () => {
    const { bytes, carryover } = await makeOnNode();
    const path = join(await network.temporaryDirectory(), "another.backup");
    await carryover.createBackupAccountFile({
      file: accountFileAt(path),
      signer: alix.signer,
      protection,
    });
    const another = new Uint8Array(await readFile(path));
    await cutRefreshesOff(bytes, another);
    const { program } = tab;
    const { report } = await program.refresh(work, bytes, secret);
    expect(report.summary.sequence).toBe(2);

    // Without the note it looks as if somebody else had done it.
    expect((await program.listStorage()).files.length).toBeGreaterThan(0);
    await program.clearCarryoverStorage();
    expect(await program.listStorage()).toEqual(nothing);
    for (const older of [bytes, another])
      await expect(program.refresh(work, older, secret)).rejects.toMatchObject({
        code: "accountFileOlderCopy",
      });
    expect(await program.listStorage()).toEqual(nothing);
  });

  it("is not opened at all where the wall cannot be put up", async () => {
    const { bytes } = await makeOnNode();
    const fresh = await browser.open<AccountProgram>(bundle.directory);
    await fresh.page.route(/shield-worker/, (route) => route.abort());
    network.network.calls.clear();
    expect(await fresh.program.verifyCode(work, bytes, secret)).toBe(
      "networkWallMissing",
    );
    expect(callsOfPages()).toBe(0);
    await fresh.page.close();
  });

  it("is opened by a library that starts one worker, and by no other", async () => {
    const { program } = tab;
    expect(await program.startWorkers(1)).toBe("none");
    expect(await program.startWorkers(0)).toBe("networkWallMissing");
    expect(await program.startWorkers(2)).toBe("networkWallMissing");
  });

  it("opens below any path, under a policy that lets a page run its own files alone", async () => {
    const { bytes } = await makeOnNode();
    const site = await serveDirectory(bundle.directory, {
      below: "/some/place",
      headers: {
        "content-security-policy": `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${work.apiUrl}`,
      },
    });
    network.onClose(() => site.close());
    const strict = await browser.open<AccountProgram>(site);
    expect((await strict.program.verify(work, bytes, secret)).totals).toEqual({
      conversations: 1,
      messages: 2,
    });
    expect(strict.problems).toEqual([]);
    await strict.page.close();
  });
});
