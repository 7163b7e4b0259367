import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { readAll } from "@carryover/backup-file";
import {
  accountFileAt,
  inspectBackupAccountFile,
  verifyBackupAccountFile,
} from "@carryover/xmtp-node";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { waitFor } from "@carryover/testkit";
import type { Download } from "playwright-core";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import { faultsOf } from "../testing/content-policy.js";
import { keptBy, nothing, openTab, type Tab } from "../testing/open-page.js";
import {
  createStage,
  passphrase,
  type Stage,
  texts,
  textsOf,
  type World,
} from "../testing/world.js";

let stage: Stage;
let downloads: string;
beforeAll(async () => {
  stage = await createStage();
  downloads = await mkdtemp(join(tmpdir(), "carryover-downloads-"));
});
afterAll(async () => {
  await stage.close();
  await rm(downloads, { recursive: true, force: true });
});

let world: World;
let tabs: Tab[];
async function open(route: string): Promise<Tab> {
  const tab = await openTab(stage, world, route);
  tabs.push(tab);
  // As in browsers that cannot ask where to: a headless one would wait for ever.
  const forget = () =>
    void Reflect.deleteProperty(globalThis, "showSaveFilePicker");
  await tab.page.evaluate(forget);
  await tab.page.addInitScript(forget);
  return tab;
}
async function begin() {
  tabs = [];
  world = await stage.world();
}
afterEach(async () => {
  for (const { page } of tabs) await page.close({ runBeforeUnload: false });
  await world.close();
});

/** Presses a button that saves a file, and finds the file. */
async function save(tab: Tab, button: string): Promise<string> {
  const saving = tab.page.waitForEvent("download");
  await tab.press(button);
  return await keep(await saving);
}

async function keep(download: Download): Promise<string> {
  const path = join(downloads, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** Goes back in the browser and forward again: the task went on. */
async function leaveAndComeBack(tab: Tab, step: string): Promise<void> {
  await tab.page.getByRole("link", { name: "Carryover", exact: true }).click();
  await tab.heading("Your XMTP messages, back on a new device");
  await tab.page.goBack();
  await tab.heading(step);
}

/** Loads the page anew in the middle of a task: who does is asked first, and insists. */
async function loadAnew(tab: Tab): Promise<void> {
  const asking = tab.page.waitForEvent("dialog");
  await tab.page.reload();
  expect((await asking).type()).toBe("beforeunload");
  await tab.sees("What will happen");
}

async function connect(tab: Tab): Promise<void> {
  await tab.press("Test Wallet");
  await tab.heading("What it takes, and what opens it");
}

async function typePassphrase(tab: Tab, again = passphrase) {
  const { page } = tab;
  await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
  await page.getByLabel("The same again", { exact: true }).fill(again);
  await tab.press("Make the file");
}

test("by keyboard alone: a file is made with a wallet and a passphrase, saved, checked, and opens on Node", async () => {
  await begin();
  const tab = await open("");
  const { keyboard } = tab.page;
  const pressOn = async (name: RegExp) => {
    await tab.tabTo(name);
    await keyboard.press("Enter");
  };
  await pressOn(/^Make a Backup Account File$/);
  await tab.heading("Make a Backup Account File");
  expect(await violationsOf(tab)).toEqual([]);
  stage.wallet.behave("refuses");
  await pressOn(/^Test Wallet$/);
  await tab.sees("Nothing was changed. Try again, and confirm in the wallet.");
  expect(await tab.page.getByText("The wallet said no").count()).toBe(1);
  stage.wallet.behave("signs");
  await pressOn(/^Test Wallet$/);
  await tab.heading("What it takes, and what opens it");
  await tab.sees("Installation 2 of 10");
  await tab.sees("Identity update 2 of 256");

  await tab.tabTo(/^Passphrase$/);
  await keyboard.type("password1");
  await tab.sees("Weak.");
  await tab.sees("less than a minute");
  expect(await violationsOf(tab)).toEqual([]);
  await keyboard.press("Control+A");
  await keyboard.type(passphrase);
  await tab.tabTo(/^The same again$/);
  await keyboard.type("seven green battles");
  await keyboard.press("Enter");
  await tab.sees("Those two were not the same.");
  expect(stage.wallet.signatures()).toBe(0);
  // What is to be typed anew has the focus.
  await keyboard.press("Control+A");
  await keyboard.type(passphrase);
  await keyboard.press("Enter");
  await tab.heading("Save the file, and check it");
  expect(stage.wallet.signatures()).toBe(1);
  expect(await violationsOf(tab)).toEqual([]);

  const saving = tab.page.waitForEvent("download");
  await pressOn(/^Save the file$/);
  const path = await keep(await saving);
  const saved = await readFile(path);
  await tab.choose(await world.write("cut.age", saved.subarray(0, 100)));
  await tab.sees("That is not the saved file, whole");
  const choosing = tab.page.waitForEvent("filechooser");
  await pressOn(/^Now show the saved file$/);
  await (await choosing).setFiles(path);
  await tab.sees("The saved file opens");
  expect(await violationsOf(tab)).toEqual([]);
  await pressOn(/^Finish and clear$/);
  await tab.heading("Done, and cleared");
  expect(await violationsOf(tab)).toEqual([]);
  expect(await keptBy(tab)).toEqual(nothing);
  expect(tab.said).toEqual([]);

  const group = await world.bo.conversations.createGroup([
    world.phone.client.inboxId,
  ]);
  await group.sendText("after the file");
  const report = await verifyBackupAccountFile({
    network: { env: "local", apiUrl: world.network.apiUrl },
    directory: join(downloads, "work"),
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
  });
  expect(report.totals).toEqual({ conversations: 1, messages: 1 });
});

test("an installation that no file holds is revoked, also after the tab was closed", async () => {
  await begin();
  const tab = await open("make");
  await connect(tab);
  const { faults, calls } = world.network.network;
  // From the registration on the network fails, and before that it is slow.
  faults.inject({
    method: "PublishIdentityUpdate",
    fault: { kind: "delay", delayMs: 1_500 },
  });
  faults.inject({
    method: "FetchKeyPackages",
    fault: { kind: "error", code: "unavailable" },
    times: "untilCleared",
    when: () => calls.count({ method: "PublishIdentityUpdate" }) > 1,
  });
  await typePassphrase(tab);
  await tab.sees("Registering: confirm in the wallet …");
  expect(await violationsOf(tab)).toEqual([]);
  await tab.heading("The file was not finished");
  await tab.sees("What to do now:");
  expect(await violationsOf(tab)).toEqual([]);
  const { installations } = await world.phone.client.preferences
    .fetchInboxState()
    .finally(() => faults.clear());
  const orphan = installations.find(
    ({ id }) => id !== world.phone.client.installationId,
  );
  await tab.sees(orphan?.id ?? "none");
  await tab.page.evaluate(leaveThings);
  await tab.page.close({ runBeforeUnload: false });

  // With the network away everything is cleared but the number, which is needed once it is back.
  world.network.network.faults.setReachability("unreachable");
  const without = await open("");
  await without.sees("The last visit ended in the middle.");
  await without.sees("A file may not be finished");
  expect(await violationsOf(without)).toEqual([]);
  const kept = await keptBy(without);
  expect(kept).toEqual({
    ...nothing,
    files: expect.arrayContaining(["/of another page"]) as unknown,
    databases: ["of another page"],
  });
  for (const path of kept.files)
    expect(path).toMatch(
      /^\/(of another page|carryover(\/notes(\/unfinished-[0-9a-f]{64})?)?)$/,
    );
  await without.page.evaluate(removeThings);
  world.network.network.faults.setReachability("reachable");
  await without.page.close({ runBeforeUnload: false });

  const next = await open("");
  await next.sees("A file was begun and not finished");
  await next.page.getByRole("link", { name: "see what is left to do" }).click();
  await next.sees(orphan?.id ?? "none");
  expect(await violationsOf(next)).toEqual([]);
  await next.press("Test Wallet");
  await next.sees("its place is free again");
  expect(await violationsOf(next)).toEqual([]);
  expect(await keptBy(next)).toEqual(nothing);
  const after = await world.phone.client.preferences.fetchInboxState();
  expect(after.installations.map(({ id }) => id)).toEqual([
    world.phone.client.installationId,
  ]);
});

test("a file that was made in a tab which died before it was saved is asked about, and kept or revoked", async () => {
  await begin();
  /** Makes a file, and kills the tab; then finds the question at the next visit. */
  const dieWith = async (tab: Tab): Promise<Tab> => {
    await connect(tab);
    await typePassphrase(tab);
    await tab.heading("Save the file, and check it");
    await tab.page.close({ runBeforeUnload: false });
    const next = await open("");
    await next.sees("A file was begun and not finished");
    await next.page
      .getByRole("link", { name: "see what is left to do" })
      .click();
    await next.heading("Did you save the file?");
    await next.sees("makes the file useless, should you have saved it");
    return next;
  };
  const installationsOf = async () =>
    (await world.phone.client.preferences.fetchInboxState()).installations.map(
      ({ id }) => id,
    );

  const first = await dieWith(await open("make"));
  expect(await violationsOf(first)).toEqual([]);
  expect(await keptBy(first)).not.toEqual(nothing);
  await first.press("I have saved it: keep it");
  await first.sees("What will happen");
  expect(await keptBy(first)).toEqual(nothing);
  expect(await installationsOf()).toHaveLength(2);

  const second = await dieWith(first);
  await second.press("Test Wallet");
  await second.sees("its place is free again");
  expect(await keptBy(second)).toEqual(nothing);
  expect(await installationsOf()).toHaveLength(2);
});

test("a file that was saved in a tab which died then is asked about no more", async () => {
  await begin();
  const tab = await open("make");
  await connect(tab);
  await typePassphrase(tab);
  await tab.heading("Save the file, and check it");
  await save(tab, "Save the file");
  await tab.sees("Now show the saved file");
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.page.close({ runBeforeUnload: false });
  const next = await open("make");
  await next.sees("What will happen");
  expect(await next.page.getByText("Did you save the file?").count()).toBe(0);
});

test("a wallet's signature protects a file, after a first no, and opens it", async () => {
  await begin();
  const tab = await open("make");
  await connect(tab);
  await leaveAndComeBack(tab, "What it takes, and what opens it");
  await tab.page.getByRole("radio", { name: /^A signature/ }).check();
  expect(await violationsOf(tab)).toEqual([]);
  stage.wallet.behave("refuses");
  await tab.press("Sign and make the file");
  await tab.sees("The wallet did not sign. Nothing was changed.");
  stage.wallet.behave("signs");
  await tab.press("Sign and make the file");
  await tab.heading("Save the file, and check it");

  // Where the browser asks where to, the person may change their mind; and what was saved is read back by itself.
  await tab.page.evaluate(() => {
    let asked = 0;
    const showSaveFilePicker = async () => {
      asked += 1;
      if (asked === 1) throw new DOMException("no", "AbortError");
      const root = await navigator.storage.getDirectory();
      return await root.getFileHandle("picked.age", { create: true });
    };
    Object.assign(globalThis, { showSaveFilePicker });
  });
  await tab.press("Save the file");
  await tab.press("Save the file");
  await tab.sees("The saved file opens");
  await tab.page.evaluate(() =>
    Reflect.deleteProperty(globalThis, "showSaveFilePicker"),
  );
  const path = await save(tab, "Save it once more");
  await tab.press("Finish without the check");
  await tab.heading("Done, and cleared");

  const look = await open("look");
  await tab.page.close();
  await look.choose(path);
  await look.sees("a signature of a wallet");
  expect(await violationsOf(look)).toEqual([]);
  await look.press("Test Wallet");
  await look.sees("whole, and every check passed");
});

/** Runs in the page: leaves what a crash or another version could have left, and something of another page. */
async function leaveThings(): Promise<void> {
  const id = "ab".repeat(32);
  const root = await navigator.storage.getDirectory();
  const own = await root.getDirectoryHandle("carryover", { create: true });
  await own.getDirectoryHandle(id, { create: true });
  await own.getDirectoryHandle("of-another-version", { create: true });
  const refresh = await own.getDirectoryHandle("refresh", { create: true });
  await refresh.getDirectoryHandle(`answered-${id}`, { create: true });
  await root.getFileHandle("of another page", { create: true });
  for (const name of [`carryover-${id}`, "of another page"])
    await new Promise((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => {
        request.result.close();
        resolve(undefined);
      };
    });
  await caches.open("carryover-cache");
  sessionStorage.setItem("note", "left");
}

/** Runs in the page: what the other page would do. */
async function removeThings(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry("of another page");
  await new Promise((resolve) => {
    indexedDB.deleteDatabase("of another page").onsuccess = resolve;
  });
}

const ofAnotherPage = {
  ...nothing,
  files: ["/of another page"],
  databases: ["of another page"],
};

test("what an earlier visit has left is cleared at the next one, and nothing of other pages", async () => {
  await begin();
  const tab = await open("");
  await tab.page.evaluate(leaveThings);
  await tab.page.reload();
  await tab.sees("The last visit ended in the middle.");
  expect(await violationsOf(tab)).toEqual([]);
  expect(await keptBy(tab)).toEqual(ofAnotherPage);

  // Settings that are missing, or will not do, keep nothing here: it is gone before they are asked for.
  const unsafe = `{"environment":"local","storageOrigins":["http://a.b"]}`;
  for (const [settings, says] of [
    [undefined, "could not be fetched"],
    [{ status: 404 }, "the server answered with 404"],
    [{ body: unsafe }, "storageOrigins[0] must be an https origin"],
  ] as const) {
    await tab.page.evaluate(leaveThings);
    let keptThen: unknown;
    await tab.page.route(/config\.json$/, async (route) => {
      keptThen = await keptBy(tab);
      await (settings === undefined ? route.abort() : route.fulfill(settings));
    });
    await tab.page.reload();
    await tab.sees("Carryover cannot start");
    await tab.sees(says);
    await tab.sees("The last visit ended in the middle.");
    expect(keptThen).toEqual(ofAnotherPage);
    expect(await violationsOf(tab)).toEqual([]);
    await tab.page.unroute(/config\.json$/);
  }
  await tab.page.reload();
  await tab.press("Clear everything");
  await tab.sees(
    "2 things of other pages at the same address were left alone.",
  );
});

test("looking inside a Backup Account File says what it is, and asks nobody", async () => {
  await begin();
  const { path } = await world.makeFile();
  const tab = await open("look");
  expect(await violationsOf(tab)).toEqual([]);
  const before = tab.requests.length;
  const callsOfPages = () =>
    world.network.network.calls
      .list()
      .filter(({ protocol }) => protocol === "grpcWeb").length;
  world.network.network.faults.setReachability("unreachable");
  await tab.open(path, passphrase);
  await tab.heading("What is in it");
  await tab.sees("Backup Account File, version 1");
  await tab.sees("In the file itself: 1 conversation, 1 message");
  const row = tab.page.getByRole("row", { name: /Book club/ });
  expect(await row.textContent()).toBe("Book clubgroup1");
  await tab.sees("also what was there before it was made");
  await tab.sees(world.alix.address);
  expect(await violationsOf(tab)).toEqual([]);
  // The library is fetched from the page's own site, and nothing from anywhere else.
  for (const url of tab.requests.slice(before))
    expect(new URL(url).origin).toBe(world.site.origin);
  expect(callsOfPages()).toBe(0);

  await leaveAndComeBack(tab, "What is in it");
  world.network.network.faults.setReachability("reachable");
  await tab.press("Try a restore (asks the XMTP network)");
  await tab.sees("A restore today works");
  await tab.sees("2 messages in 1 conversation");
  expect(await violationsOf(tab)).toEqual([]);
  // What is shown can be shown again: nobody is asked before it is gone.
  await tab.page.reload();
  await tab.sees("What will happen");
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.open(path, passphrase);
  await tab.heading("What is in it");
  await tab.press("Close and clear");
  await tab.heading("Look inside a file");
  expect(await keptBy(tab)).toEqual(nothing);
});

test("looking inside a Message Backup File shows it conversation by conversation, and asks nobody", async () => {
  await begin();
  await world.makeFile();
  const identity = await generateX25519Identity();
  const { file } = await world.phone.carryover.writeMessageBackupFile({
    recipient: await identityToRecipient(identity),
  });
  const bytes = await readAll(file);
  const tab = await open("look");
  const before = tab.requests.length;
  await tab.choose(await world.write("history.age", bytes));
  await tab.sees("an age identity");
  const field = tab.page.getByLabel(/^age identity/).first();
  await field.fill(await generateX25519Identity());
  await tab.press("Open on this machine");
  await tab.sees("It was not opened");
  await field.fill(identity);
  await tab.press("Open on this machine");
  await tab.heading("What is in it");
  await tab.sees("Message Backup File, version 1");
  const row = tab.page.getByRole("row", { name: /Book club/ });
  // The phone has not heard Bo's answer yet.
  expect(await row.textContent()).toContain("group1");
  expect(await violationsOf(tab)).toEqual([]);
  expect(tab.requests.slice(before)).toEqual([]);
  for (const text of texts)
    expect(await tab.page.content()).not.toContain(text);
});

test("a file is restored to an archive that an app imports with its key", async () => {
  await begin();
  const { path, groupId, bytes } = await world.makeFile();
  const tab = await open("restore");
  expect(await violationsOf(tab)).toEqual([]);
  await tab.open(path, passphrase);
  await tab.heading("Save the archive and its key");
  await leaveAndComeBack(tab, "Save the archive and its key");
  await loadAnew(tab);
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.open(path, passphrase);
  await tab.heading("Save the archive and its key");
  await tab.sees("2 messages in 1 conversation");
  expect(await violationsOf(tab)).toEqual([]);
  const archive = await save(tab, "Save the archive");
  const keyFile = await save(tab, "Save its key");
  await tab.sees("Key saved");
  await tab.press("Finish and clear");
  await tab.heading("Done, and cleared");
  expect(await violationsOf(tab)).toEqual([]);
  expect(await keptBy(tab)).toEqual(nothing);
  expect(new Uint8Array(await readFile(path))).toEqual(bytes);

  const key = (await readFile(keyFile, "utf8")).trim();
  expect(tab.said.join("\n")).not.toContain(key);
  const fresh = await world.device();
  const { totals } = await fresh.carryover.loadMessageBackupFile({
    open: async () =>
      Readable.toWeb(createReadStream(archive)) as ReadableStream<Uint8Array>,
    secret: {
      kind: "archiveKey",
      key: new Uint8Array(Buffer.from(key, "hex")),
    },
  });
  expect(totals.imported).toBe(2);
  expect(await textsOf(fresh.client, groupId)).toEqual(texts);

  const look = await open("look");
  await tab.page.close();
  await look.choose(archive);
  await look.page
    .getByLabel(/^Key of the archive/)
    .first()
    .fill(key);
  await look.press("Open on this machine");
  await look.sees("read to its end, and all of it opens with the key.");
  await look.sees("XMTP archive, version 0");
  await look.sees("Book club");
  expect(await violationsOf(look)).toEqual([]);
});

test("what takes long can be stopped, and what lacks the network fails: both are begun again at once", async () => {
  await begin();
  const { path } = await world.makeFile();
  const tab = await open("restore");
  const { faults } = world.network.network;
  faults.inject({
    method: "QueryWelcomeMessages",
    fault: { kind: "delay", delayMs: 2_500 },
  });
  await tab.open(path, passphrase);
  await tab.sees("Fetching what is new from the network …");
  await tab.press("Stop");
  await tab.sees("It was stopped on request.");
  await tab.heading("Open the file");
  expect(await keptBy(tab)).toEqual(nothing);

  const openAgain = async () => {
    await tab.page
      .getByLabel("Passphrase of the file", { exact: true })
      .fill(passphrase);
    await tab.press("Open on this machine");
  };
  faults.setReachability("unreachable");
  await openAgain();
  await tab.sees("The XMTP network cannot be reached.");
  await tab.heading("Open the file");
  expect(await keptBy(tab)).toEqual(nothing);
  expect(await violationsOf(tab)).toEqual([]);
  faults.setReachability("reachable");
  await openAgain();
  await tab.heading("Save the archive and its key");
});

test("the page's policy stops every script that is not a file of the page", async () => {
  await begin();
  const elsewhere = await stage.app.serve(
    {},
    { head: "", probe: `document.documentElement.dataset.elsewhere = "ran"` },
  );
  const site = await stage.app.serve(
    { environment: "local", storageOrigins: [] },
    {
      // As somebody could put it there who can write into a page, and not beside it.
      head: `<script>document.documentElement.dataset.inline = "ran"</script>
        <script src="${elsewhere.origin}/some/path/probe.js"></script>
        <script src="data:text/javascript,document.documentElement.dataset.data='ran'"></script>
        <base href="${elsewhere.url}">
        <script type="module" src="./probe.js"></script>`,
      probe,
    },
  );
  const tab = await openTab(stage, { site });
  tabs.push(tab);
  await tab.sees("Your XMTP messages, back on a new device");
  const ran = await tab.page.evaluate(() => ({
    ...document.documentElement.dataset,
  }));
  // The page's own file did run, and so would the others have.
  expect(ran).toEqual({
    own: "ran",
    eval: "EvalError",
    function: "EvalError",
    markup: "TypeError",
    worker: "TypeError",
    handler: "stopped",
  });
  const policy = await tab.page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(faultsOf(policy ?? "")).toEqual([]);
  await site.close();
  await elsewhere.close();
});

/** A file of the page that tries what a script must not be able to do either. */
const probe = `
  const said = document.documentElement.dataset;
  const attempt = (name, work) => {
    try { work(); said[name] = "ran"; } catch (error) { said[name] = error.name; }
  };
  attempt("own", () => undefined);
  attempt("eval", () => (0, eval)("1"));
  attempt("function", () => new Function("return 1")());
  attempt("markup", () => { document.createElement("div").innerHTML = "<img src=x>"; });
  attempt("worker", () => new Worker("data:text/javascript,1"));
  said.handler = "stopped";
  const button = document.createElement("button");
  attempt("attribute", () => button.setAttribute("onclick", "document.documentElement.dataset.handler = 'ran'"));
  delete said.attribute;
  button.click();
`;

test("a passkey protects a file, and opens it on the same site", async () => {
  await begin();
  const { url } = world.site;
  // Passkeys belong to names, not to numbers.
  const named = {
    site: { ...world.site, url: url.replace("127.0.0.1", "localhost") },
  };
  const tab = await openTab(stage, named, "make");
  tabs.push(tab);
  await tab.page.evaluate(() =>
    Reflect.deleteProperty(globalThis, "showSaveFilePicker"),
  );
  const devtools = await stage.browser.context.newCDPSession(tab.page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await connect(tab);
  await tab.page.getByRole("radio", { name: /^A passkey/ }).check();
  await tab.press("Make a passkey and the file");
  await tab.heading("Save the file, and check it");
  const path = await save(tab, "Save the file");
  await tab.choose(path);
  await tab.sees("The saved file opens");
  expect(
    await inspectBackupAccountFile({ file: accountFileAt(path) }),
  ).toMatchObject({ protection: { kind: "passkey" } });
});

test("a wallet without an account is told so; one that was left for another changes nothing any more, and nobody has to wait for it", async () => {
  await begin();
  const tab = await open("make");
  const answer = stage.wallet.hold();
  await tab.press("Test Wallet");
  answer(privateKeyToAccount(generatePrivateKey()));
  await tab.sees("accountNotFound");
  expect(await violationsOf(tab)).toEqual([]);

  const answerLate = stage.wallet.hold();
  await tab.press("Test Wallet");
  await tab.sees("Look at Test Wallet: allow this page");
  await tab.press("Choose another wallet");
  await connect(tab);
  const isContract = "eth_getCode";
  const before = stage.wallet.asked(isContract);
  answerLate(world.boAccount);
  await waitFor(
    "the other wallet to be told of",
    () => stage.wallet.asked(isContract) > before,
  );

  // Whoever does not answer is not waited for.
  const signLate = stage.wallet.hold();
  await typePassphrase(tab);
  await tab.sees("Registering: confirm in the wallet …");
  await tab.press("Stop");
  await tab.sees("It was stopped on request.");
  await tab.heading("What it takes, and what opens it");
  signLate();

  await typePassphrase(tab);
  await tab.heading("Save the file, and check it");
  const path = await save(tab, "Save the file");
  await tab.press("Finish without the check");
  await tab.heading("Done, and cleared");
  const { contents } = await inspectBackupAccountFile({
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
  });
  expect(contents?.summary.inboxId).toBe(world.phone.client.inboxId);

  stage.wallet.hold();
  await tab.press("Make another one");
  await tab.press("Test Wallet");
  await tab.sees("Look at Test Wallet: allow this page");
  await tab.press("Clear everything");
  await tab.sees("Everything is cleared");
  expect(await keptBy(tab)).toEqual(nothing);
});
