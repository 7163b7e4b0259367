import { join } from "node:path";
import type { CarryoverErrorCode } from "@carryover/client";
import {
  bundlePage,
  type OpenPage,
  type PageBundle,
  type SiteServer,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestNetwork,
  waitFor,
} from "@carryover/testkit";
import { createCarryover } from "@carryover/xmtp-node";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import type { AppProgram, ClientKind } from "./testing/app-page.js";
import { travelling } from "./testing/travelling-signer.js";

let bundle: PageBundle;
let browser: TestBrowser;
beforeAll(async () => {
  bundle = await bundlePage(new URL("./testing/app-page.ts", import.meta.url));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});

let network: TestNetwork;
let alix: Person;
let tabs: OpenPage<AppProgram>[];
beforeEach(async () => {
  network = await createTestNetwork();
  alix = createPerson(network);
  tabs = [];
});
afterEach(async () => {
  for (const { page } of tabs) await page.close();
  await network.close();
});

/** A tab at an origin of its own, or at that of another tab. */
async function openTab(site?: SiteServer): Promise<OpenPage<AppProgram>> {
  const opened = await browser.open<AppProgram>(site ?? bundle.directory);
  tabs.push(opened);
  return opened;
}

const request = (dbPath: string | null) => ({
  apiUrl: network.network.grpcWebUrl,
  signer: travelling(alix.signer),
  dbPath,
});

const failure = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

const ofCarryover = (paths: readonly string[]) =>
  paths.filter((path) => path.startsWith("/carryover"));

/** An installation on Node that asks the one in the browser. */
async function ask(storageUrl: string) {
  const client = await newInstallation(alix);
  const carryover = await createCarryover(client, {
    encryptionKey: new Uint8Array(32).fill(7),
    directory: join(await network.temporaryDirectory(), "carryover"),
    allowedStorageOrigins: [storageUrl],
  });
  network.onClose(() => carryover.close());
  const [asked] = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageUrl,
    appName: "A very recognizable app",
  });
  if (asked === undefined) throw new Error("nobody was asked");
  return { carryover, requestId: asked.requestId };
}

describe("createCarryover in a browser", () => {
  it("takes and refuses clients by their options", async () => {
    const { program } = await openTab();
    const outcome = (kind: ClientKind) => program.refusal(request(null), kind);
    expect(await outcome("as asked for")).toBe("accepted");
    expect(await outcome("the SDK's defaults")).toBe("deviceSyncAnswers");
    expect(await outcome("answering worker off")).toBe("accepted");
    expect(await outcome("no codec")).toBe("codecMissing");
    expect(await outcome("not registered")).toBe("wrongState");
  });

  it("belongs to one instance at a time, and lets go when it cannot be made", async () => {
    const { program } = await openTab();
    await expect(
      program.openApp(request(null), {
        allowedStorageOrigins: ["http://example.org"],
      }),
    ).rejects.toEqual(failure("invalidOption"));
    expect((await program.listStorage()).locks).toEqual([]);
    expect(await program.secondTime(request(null))).toBe("stateLocked");
  });

  it("lets one tab have the XMTP database, until it is closed", async () => {
    const first = await openTab();
    const second = await openTab(first.site);
    const claimed = await first.program.claimXmtpDatabase();
    await expect(second.program.claimXmtpDatabase()).rejects.toEqual(
      failure("stateLocked"),
    );
    await claimed.release();
    await (await second.program.claimXmtpDatabase()).release();
    await first.program.claimXmtpDatabase();
    await first.page.close();
    const again = await waitFor("the tab to be gone", () =>
      second.program.claimXmtpDatabase().catch(() => undefined),
    );
    await again.release();
  });

  it("seals its records with keys that cannot be taken out, and clears all of it", async () => {
    const storage = await startStorageProvider();
    network.onClose(() => storage.close());
    const { program } = await openTab();
    const app = await program.openApp(request("app.db3"), {
      allowedStorageOrigins: [storage.url],
    });
    await ask(storage.url);
    await app.carryover.sync();
    expect(await app.carryover.listInboundBackupRequests()).toMatchObject([
      { appName: "A very recognizable app" },
    ]);
    const kept = await program.listStorage();
    expect(kept.databases).toEqual([`carryover-${app.installationId}`]);
    expect(ofCarryover(kept.files)).not.toEqual([]);
    const { records, extractable } = await program.readRecords(
      `carryover-${app.installationId}`,
    );
    expect(extractable).toEqual([false, false]);
    expect(records).toHaveLength(1);
    expect(Buffer.from(records[0] ?? []).length).toBeGreaterThan(100);
    expect(Buffer.from(records[0] ?? []).includes("recognizable")).toBe(false);

    await app.carryover.clear();
    await app.carryover.clear();
    const left = await program.listStorage();
    expect({ ...left, files: ofCarryover(left.files) }).toEqual({
      databases: [],
      files: [],
      caches: [],
      locks: [],
    });
    await app.close();
  });

  it("keeps nothing in the browser when it is told to keep it in memory", async () => {
    const storage = await startStorageProvider();
    network.onClose(() => storage.close());
    const { program } = await openTab();
    const app = await program.openApp(request(null), {
      allowedStorageOrigins: [storage.url],
      keep: "inMemory",
    });
    const { carryover, requestId } = await ask(storage.url);
    await app.carryover.sync();
    await app.carryover.respondToBackupRequest(requestId, "approve");
    await carryover.sync();
    await carryover.applyRemoteMessageHistoryBackup(requestId);
    const { databases, files, caches } = await program.listStorage();
    expect({ databases, files, caches }).toEqual({
      databases: [],
      files: [],
      caches: [],
    });
    await app.close();
  });

  it("goes on in a new tab when the old one was closed in the middle of an upload, and sweeps what it left", async () => {
    let isHeld = true;
    let isReceived = false;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const storage = await startStorageProvider({
      hooks: {
        uploadStep: async (step) => {
          if (step !== "received" || !isHeld) return "continue";
          isReceived = true;
          await held;
          return "drop";
        },
      },
    });
    network.onClose(() => storage.close());
    const options = { allowedStorageOrigins: [storage.url] };
    const bo = await newInstallation(createPerson(network));
    const first = await openTab();
    const app = await first.program.openApp(request("app.db3"), options);
    const group = await app.conversations.createGroup([bo.inboxId]);
    await group.sendText("still here");
    const { carryover, requestId } = await ask(storage.url);
    await app.carryover.sync();
    const answering = app.carryover
      .respondToBackupRequest(requestId, "approve")
      .catch((error: unknown) => error);
    await waitFor("the upload to be under way", () => isReceived);
    const uploads = `/carryover/${app.installationId}/uploads`;
    const parts = (paths: readonly string[]) =>
      paths.filter((path) => path.startsWith(`${uploads}/`));
    expect(parts((await first.program.listStorage()).files)).toHaveLength(2);

    const second = await openTab(first.site);
    expect(await second.program.clearCarryoverStorage()).toEqual({ inUse: 1 });
    await first.page.close();
    await answering;
    isHeld = false;
    letGo();
    await waitFor(
      "the closed tab to let go of its locks",
      async () => (await second.program.listStorage()).locks.length === 0,
    );
    expect(parts((await second.program.listStorage()).files)).toHaveLength(2);

    const reopened = await second.program.openApp(request("app.db3"), options);
    expect(reopened.installationId).toBe(app.installationId);
    expect(parts((await second.program.listStorage()).files)).toEqual([]);
    await reopened.carryover.sync();
    await carryover.sync();
    const { totals } =
      await carryover.applyRemoteMessageHistoryBackup(requestId);
    expect(totals).toMatchObject({ conversations: 1, imported: 1 });
    await reopened.close();
    expect(second.problems).toEqual([]);
  });

  it("clears at the next visit what a closed tab has left", async () => {
    const first = await openTab();
    const app = await first.program.openApp(request("app.db3"), {});
    await first.page.close();
    const second = await openTab(first.site);
    await waitFor(
      "the closed tab to let go of its locks",
      async () => (await second.program.listStorage()).locks.length === 0,
    );
    const { databases, files } = await second.program.listStorage();
    expect(databases).toEqual([`carryover-${app.installationId}`]);
    expect(ofCarryover(files)).not.toEqual([]);
    expect(await second.program.clearCarryoverStorage()).toEqual({ inUse: 0 });
    const left = await second.program.listStorage();
    expect(left.databases).toEqual([]);
    expect(ofCarryover(left.files)).toEqual([]);
  });
});
