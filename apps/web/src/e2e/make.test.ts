import { readFile } from "node:fs/promises";
import { addPasskeyAuthenticator } from "@carryover/chromium";
import {
  accountFileAt,
  inspectBackupAccountFile,
  verifyBackupAccountFile,
} from "@carryover/xmtp-node";
import { waitFor } from "@carryover/testkit";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import {
  holdRemovals,
  leaveThings,
  removeThings,
} from "../testing/left-things.js";
import { keptBy, nothing, type Tab } from "../testing/open-page.js";
import { connect, leaveAndComeBack, typePassphrase } from "../testing/steps.js";
import { useScene } from "../testing/use-scene.js";
import { passphrase } from "../testing/world.js";

const scene = useScene();

test("by keyboard alone: a file is made with a wallet and a passphrase, saved, checked, and opens on Node", async () => {
  const world = await scene.begin();
  const tab = await scene.open("");
  const { keyboard } = tab.page;
  const pressOn = async (name: RegExp) => {
    await tab.tabTo(name);
    await keyboard.press("Enter");
  };
  await pressOn(/^Make a Backup Account File$/);
  await tab.heading("Make a Backup Account File");
  expect(await violationsOf(tab)).toEqual([]);
  scene.stage.wallet.behave("refuses");
  await pressOn(/^Test Wallet$/);
  await tab.sees("Nothing was changed. Try again, and confirm in the wallet.");
  expect(await tab.page.getByText("The wallet said no").count()).toBe(1);
  scene.stage.wallet.behave("signs");
  await pressOn(/^Test Wallet$/);
  await tab.heading("What it takes, and what opens it");
  await tab.sees("Installation 2 of 10");
  await tab.sees("Identity update 2 of 256");

  await tab.tabTo(/^Passphrase$/);
  await keyboard.type("password1");
  await tab.sees("Weak.");
  await tab.sees("less than a minute");
  expect(await violationsOf(tab)).toEqual([]);
  for (const [noSecret, words] of [
    ["a".repeat(20), "one character again and again"],
    [world.alix.account.address, "the account's own address or id"],
  ] as const) {
    await keyboard.press("Control+A");
    await keyboard.type(noSecret);
    await tab.tabTo(/^The same again$/);
    await keyboard.press("Control+A");
    await keyboard.type(noSecret);
    await keyboard.press("Enter");
    // What is to be typed anew has the focus.
    await tab.sees(words);
  }
  await keyboard.press("Control+A");
  await keyboard.type(passphrase);
  await tab.tabTo(/^The same again$/);
  await keyboard.press("Control+A");
  await keyboard.type("seven green battles");
  await keyboard.press("Enter");
  await tab.sees("Those two were not the same.");
  expect(scene.stage.wallet.signatures()).toBe(0);
  await keyboard.press("Control+A");
  await keyboard.type(passphrase);
  await keyboard.press("Enter");
  await tab.heading("Save the file, and check it");
  expect(scene.stage.wallet.signatures()).toBe(1);
  expect(await violationsOf(tab)).toEqual([]);

  const saving = tab.page.waitForEvent("download");
  await pressOn(/^Save the file$/);
  const path = await scene.keep(await saving);
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
    directory: await world.network.temporaryDirectory(),
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
  });
  expect(report.totals).toEqual({ conversations: 1, messages: 1 });
});

test("an installation that no file holds is revoked, also after the tab was closed", async () => {
  const world = await scene.begin();
  const tab = await scene.open("make");
  await connect(tab);
  const { faults, calls } = world.network.network;
  // From the registration on the network fails, and before that the wallet takes as long as is looked.
  const sign = scene.stage.wallet.hold();
  faults.inject({
    method: "FetchKeyPackages",
    fault: { kind: "error", code: "unavailable" },
    times: "untilCleared",
    when: () => calls.count({ method: "PublishIdentityUpdate" }) > 1,
  });
  await typePassphrase(tab);
  await tab.sees("Registering: confirm in the wallet …");
  expect(await violationsOf(tab)).toEqual([]);
  sign();
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
  const without = await scene.open("");
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

  const next = await scene.open("");
  await next.sees("A file was begun and not finished");
  await next.page.getByRole("link", { name: "see what is left to do" }).click();
  await next.sees(orphan?.id ?? "none");
  expect(await violationsOf(next)).toEqual([]);
  await next.press("Test Wallet");
  await next.heading("Revoked, and cleared");
  await next.sees("its place is free again");
  expect(await violationsOf(next)).toEqual([]);
  expect(await keptBy(next)).toEqual(nothing);
  const after = await world.phone.client.preferences.fetchInboxState();
  expect(after.installations.map(({ id }) => id)).toEqual([
    world.phone.client.installationId,
  ]);
});

test("a file that was made in a tab which died before it was saved is asked about, and kept or revoked", async () => {
  const world = await scene.begin();
  /** Makes a file, and kills the tab; then finds the question at the next visit. */
  const dieWith = async (tab: Tab): Promise<Tab> => {
    await connect(tab);
    await typePassphrase(tab);
    await tab.heading("Save the file, and check it");
    await tab.page.close({ runBeforeUnload: false });
    const next = await scene.open("");
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

  const first = await dieWith(await scene.open("make"));
  expect(await violationsOf(first)).toEqual([]);
  expect(await keptBy(first)).not.toEqual(nothing);
  await first.press("I have saved it: keep it");
  await first.sees("What will happen");
  expect(await keptBy(first)).toEqual(nothing);
  expect(await installationsOf()).toHaveLength(2);

  const second = await dieWith(first);
  const removals = await holdRemovals(second);
  await second.press("Test Wallet");
  // Of the note alone: it is revoked all the same.
  await removals.refuse();
  // Nothing is said to be gone while it is there.
  await second.heading("Clearing this browser");
  expect(await violationsOf(second)).toEqual([]);
  expect(await keptBy(second)).not.toEqual(nothing);
  await removals.end();
  await second.heading(/^Revoked$/);
  await second.sees("its place is free again");
  await second.sees("Something may be left here");
  expect(await violationsOf(second)).toEqual([]);
  expect(await keptBy(second)).not.toEqual(nothing);
  await second.press("Clear everything");
  await second.sees("Everything is cleared");
  expect(await keptBy(second)).toEqual(nothing);
  expect(await installationsOf()).toHaveLength(2);
});

test("a file that was saved in a tab which died then is asked about no more", async () => {
  await scene.begin();
  const tab = await scene.open("make");
  await connect(tab);
  await typePassphrase(tab);
  await tab.heading("Save the file, and check it");
  await scene.save(tab, "Save the file");
  await tab.sees("Now show the saved file");
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.page.close({ runBeforeUnload: false });
  const next = await scene.open("make");
  await next.sees("What will happen");
  expect(await next.page.getByText("Did you save the file?").count()).toBe(0);
});

test("a wallet's signature protects a file, after a first no, and opens it", async () => {
  await scene.begin();
  const tab = await scene.open("make");
  await connect(tab);
  await leaveAndComeBack(tab, "What it takes, and what opens it");
  await tab.page.getByRole("radio", { name: /^A signature/ }).check();
  expect(await violationsOf(tab)).toEqual([]);
  scene.stage.wallet.behave("refuses");
  await tab.press("Sign and make the file");
  await tab.sees("The wallet did not sign. Nothing was changed.");
  scene.stage.wallet.behave("signs");
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
  const path = await scene.save(tab, "Save it once more");
  await tab.press("Finish without the check");
  await tab.heading("Done, and cleared");

  const look = await scene.open("look");
  await tab.page.close();
  await look.choose(path);
  await look.sees("a signature of a wallet");
  expect(await violationsOf(look)).toEqual([]);
  await look.press("Test Wallet");
  await look.sees("whole, and every check passed");
});

test("a passkey protects a file, and opens it on the same site", async () => {
  const world = await scene.begin();
  const { url } = world.site;
  // Passkeys belong to names, not to numbers.
  const named = {
    site: { ...world.site, url: url.replace("127.0.0.1", "localhost") },
  };
  const tab = await scene.open("make", named);
  await addPasskeyAuthenticator(tab.page);
  await connect(tab);
  await tab.page.getByRole("radio", { name: /^A passkey/ }).check();
  await tab.press("Make a passkey and the file");
  await tab.heading("Save the file, and check it");
  const path = await scene.save(tab, "Save the file");
  await tab.choose(path);
  await tab.sees("The saved file opens");
  expect(
    await inspectBackupAccountFile({ file: accountFileAt(path) }),
  ).toMatchObject({ protection: { kind: "passkey" } });
});

test("a wallet without an account is told so; one that was left for another changes nothing any more, and nobody has to wait for it", async () => {
  const world = await scene.begin();
  const tab = await scene.open("make");
  const answer = scene.stage.wallet.hold();
  await tab.press("Test Wallet");
  answer(privateKeyToAccount(generatePrivateKey()));
  await tab.sees("accountNotFound");
  expect(await violationsOf(tab)).toEqual([]);

  const answerLate = scene.stage.wallet.hold();
  await tab.press("Test Wallet");
  await tab.sees("Look at Test Wallet: allow this page");
  await tab.press("Choose another wallet");
  await connect(tab);
  const isContract = "eth_getCode";
  const before = scene.stage.wallet.asked(isContract);
  answerLate(world.boAccount);
  await waitFor(
    "the other wallet to be told of",
    () => scene.stage.wallet.asked(isContract) > before,
  );

  // Whoever does not answer is not waited for.
  const signLate = scene.stage.wallet.hold();
  await typePassphrase(tab);
  await tab.sees("Registering: confirm in the wallet …");
  await tab.press("Stop");
  await tab.sees("It was stopped on request.");
  await tab.heading("What it takes, and what opens it");
  signLate();

  await typePassphrase(tab);
  await tab.heading("Save the file, and check it");
  const path = await scene.save(tab, "Save the file");
  await tab.press("Finish without the check");
  await tab.heading("Done, and cleared");
  const { contents } = await inspectBackupAccountFile({
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
  });
  expect(contents?.summary.inboxId).toBe(world.phone.client.inboxId);

  scene.stage.wallet.hold();
  await tab.press("Make another one");
  await tab.press("Test Wallet");
  await tab.sees("Look at Test Wallet: allow this page");
  await tab.press("Clear everything");
  await tab.sees("Everything is cleared");
  expect(await keptBy(tab)).toEqual(nothing);
});
