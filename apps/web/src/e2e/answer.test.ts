import { waitFor } from "@carryover/testkit";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import { cloneRequest } from "../testing/clone-request.js";
import { keptBy, nothing } from "../testing/open-page.js";
import { useScene } from "../testing/use-scene.js";
import {
  askForHistory,
  passphrase,
  type Stage,
  texts,
  textsOf,
  type World,
} from "../testing/world.js";

const scene = useScene();
const open = (route = "answer") => scene.open(route);

let world: World;
async function begin(
  ...options: Parameters<Stage["world"]>
): Promise<Awaited<ReturnType<World["makeFile"]>>> {
  world = await scene.begin(...options);
  return await world.makeFile();
}

/** Whether a name stands before what follows it, as it was written. */
const isKeptApart = (line: Locator) =>
  line.evaluate((element) => {
    const name = element.querySelector("bdi");
    const next = name?.nextSibling;
    if (name == null || next == null) return false;
    const range = document.createRange();
    range.selectNodeContents(next);
    const [rest] = range.getClientRects();
    const { right } = name.getBoundingClientRect();
    return rest !== undefined && rest.left >= right - 1;
  });

/** Uploads that the storage service took. */
const uploads = () =>
  world.storage.provider.requests.filter(
    ({ method, route, status }) =>
      method === "POST" && route === "/backups" && status === 201,
  ).length;

test("by keyboard alone: a request is answered with a file, and everything is cleared", async () => {
  const file = await begin();
  const asker = await world.device();
  const asked = await askForHistory(asker, world, file);
  const pin = String(asked.verificationPin);
  const tab = await open("");
  const { page } = tab;
  expect(await violationsOf(tab)).toEqual([]);
  await tab.tabTo(/^Answer a request with/);
  await page.keyboard.press("Enter");
  await tab.heading("Answer a request");
  expect(await violationsOf(tab)).toEqual([]);

  // Asked for early: until the browser knows that somebody wants it, it shows a window of its own.
  const choosing = page.waitForEvent("filechooser");
  await tab.tabTo(/^Choose the Backup Account File$/);
  await page.keyboard.press("Enter");
  await (await choosing).setFiles(file.path);
  await tab.heading("Open the file");
  expect(await violationsOf(tab)).toEqual([]);
  await tab.tabTo(/^Passphrase of the file$/);
  await page.keyboard.type(passphrase);
  await page.keyboard.press("Enter");

  await tab.heading("Who asks for your history");
  await tab.sees("1 request waits for your answer.");
  const card = page.getByRole("article", { name: /^Chatty asks/ });
  expect(await card.textContent()).toContain(`PIN ${pin}`);
  expect(await card.textContent()).toContain(
    asker.client.installationId.slice(0, 8),
  );
  expect(await card.textContent()).toContain("2 messages in 1 conversation");
  expect(await card.textContent()).toContain(world.storage.url);
  const approve = card.getByRole("button", { name: "Approve and send" });
  expect(await approve.isDisabled()).toBe(true);
  expect(await violationsOf(tab)).toEqual([]);
  expect(uploads()).toBe(0);

  await tab.tabTo(/the other device shows the PIN/);
  await page.keyboard.press("Space");
  await tab.tabTo(/^Approve and send$/);
  await page.keyboard.press("Enter");
  await tab.sees("2 messages in 1 conversation went to Chatty");
  expect(await violationsOf(tab)).toEqual([]);

  await asker.carryover.sync();
  const { totals } = await asker.carryover.applyRemoteMessageHistoryBackup(
    asked.requestId,
  );
  expect(totals.imported).toBe(2);
  expect(await textsOf(asker.client, file.groupId)).toEqual(texts);

  await tab.tabTo(/^Finish and clear$/);
  await page.keyboard.press("Enter");
  await tab.heading("Done, and cleared");
  expect(await violationsOf(tab)).toEqual([]);
  expect(await keptBy(tab)).toEqual(nothing);
  // Not a word in the console: neither of ours, nor of the browser's, which shows every address that was refused.
  expect(tab.said).toEqual([]);
  // Nobody but the page itself, the network and the storage service was spoken to.
  expect(
    [...new Set(tab.requests.map((url) => new URL(url).origin))].sort(),
  ).toEqual(
    [
      world.site.origin,
      new URL(world.network.network.grpcWebUrl).origin,
      world.storage.url,
    ].sort(),
  );
});

test("a wrong file, a cut one and a wrong passphrase are told apart, with what to do", async () => {
  const file = await begin();
  const tab = await open();
  await tab.choose(await world.write("holiday.jpg", new Uint8Array(999)));
  await tab.sees("This is not a Backup Account File.");
  expect(await violationsOf(tab)).toEqual([]);

  // Its name says something else than what would be seen: "backup" and "exe.age", were it turned around.
  const turned = { name: "backup\u202eega.exe", bytes: file.bytes };
  await tab.open(turned, "seven green battles");
  const name = tab.page.locator(".file-name bdi");
  expect(await name.textContent()).toBe("backup ega.exe");
  await tab.sees("Check the passphrase: capital letters");
  await tab.heading("Open the file");
  expect(await violationsOf(tab)).toEqual([]);
  // The right one can be typed at once.
  await tab.page
    .getByLabel("Passphrase of the file", { exact: true })
    .fill("x");
  await tab.press("Choose another file");

  const cut = file.bytes.subarray(0, file.bytes.length - 1_000);
  await tab.open(await world.write("cut.age", cut), passphrase);
  await tab.sees("What to do now:");
  await tab.page.getByText(/^(truncated|altered)$/).waitFor();
  expect(await keptBy(tab)).toEqual(nothing);
  expect(uploads()).toBe(0);
});

test("of two requests with one PIN none can be approved, also when the other one is gone", async () => {
  const file = await begin();
  const asker = await world.device();
  const asked = await askForHistory(asker, world, file);
  const thief = (await world.device()).client;
  const pin = String(asked.verificationPin);
  await cloneRequest(thief, world, file, pin, "Thief");
  const tab = await open();
  await tab.open(file.path, passphrase);
  await tab.sees("2 requests wait for your answer.");
  const { page } = tab;
  expect(await page.getByText("Two requests show this PIN").count()).toBe(2);
  expect(await page.getByRole("checkbox").count()).toBe(0);
  const approve = page.getByRole("button", { name: /Approve/ });
  expect(await approve.count()).toBe(0);
  expect(await violationsOf(tab)).toEqual([]);

  const thiefs = page.getByRole("article", {
    name: "Thief asks for your history",
    exact: true,
  });
  await thiefs.getByRole("button", { name: "Decline" }).click();
  await tab.sees("Nothing was sent to Thief.");
  await tab.sees("1 request waits for your answer.");
  expect(await page.getByText("Two requests show this PIN").count()).toBe(1);
  expect(await approve.count()).toBe(0);
  expect(uploads()).toBe(0);
});

test("with the network gone, and then the storage, nothing is lost: the same request is approved again, and then not shown any more", async () => {
  let isAway = true;
  const file = await begin({
    hooks: {
      uploadStep: async (step) =>
        isAway && step === "received" ? "drop" : "continue",
    },
  });
  const asker = await world.device();
  // Written from right to left: what stands beside it must stay where it is.
  const asked = await askForHistory(asker, world, file, "צ'אט 7");
  const tab = await open();
  await tab.open(file.path, passphrase);
  await tab.heading("Who asks for your history");
  const approve = async () => {
    await tab.page.getByRole("checkbox").check();
    await tab.press("Approve and send");
  };
  const { faults } = world.network.network;
  faults.setReachability("unreachable");
  await approve();
  await tab.sees("What to do now:");
  await tab.heading("Who asks for your history");
  expect(await violationsOf(tab)).toEqual([]);
  expect(uploads()).toBe(0);

  faults.setReachability("reachable");
  await approve();
  await tab.sees("The storage service cannot be reached.");
  await tab.heading("Who asks for your history");
  expect(uploads()).toBe(0);

  isAway = false;
  await approve();
  await tab.sees("2 messages in 1 conversation went to");
  const sent = tab.page.getByText("2 messages in 1 conversation went to");
  expect(await sent.textContent()).toContain("went to צ'אט 7 (");
  expect(await isKeptApart(sent)).toBe(true);

  await tab.press("Finish and clear");
  await tab.heading("Done, and cleared");
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.press("Open a file again");
  await tab.open(file.path, passphrase);
  await tab.sees("Nobody asks at the moment.");
  await asker.carryover.sync();
  await asker.carryover.applyRemoteMessageHistoryBackup(asked.requestId);
  expect(await textsOf(asker.client, file.groupId)).toEqual(texts);
});

test("a tab that is closed half-way leaves nothing, and the next one begins anew", async () => {
  let isReceived = false;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const file = await begin({
    hooks: {
      uploadStep: async (step) => {
        if (step !== "received" || isReceived) return "continue";
        isReceived = true;
        await held;
        return "drop";
      },
    },
  });
  await askForHistory(await world.device(), world, file);
  const first = await open();
  await first.open(file.path, passphrase);
  await first.page.getByRole("checkbox").check();
  await first.press("Approve and send");
  await waitFor("the upload to be under way", () => isReceived);
  await first.heading("Answering");
  await first.sees("Encrypting and uploading …");
  expect(await violationsOf(first)).toEqual([]);
  // Whoever closes it is asked first; this one insists.
  const asking = first.page.waitForEvent("dialog");
  await first.page.close({ runBeforeUnload: true });
  expect((await asking).type()).toBe("beforeunload");
  await waitFor("the tab to be closed", () => first.page.isClosed());
  letGo();

  const second = await open();
  await second.sees("Choose the Backup Account File");
  expect(await keptBy(second)).toEqual(nothing);
  await second.open(file.path, passphrase);
  await second.sees("1 request waits for your answer.");
});

test("a second tab says so, does not disturb the first, and takes over when that is closed; one request is served once", async () => {
  const file = await begin();
  await askForHistory(await world.device(), world, file);
  const first = await open();
  await first.open(file.path, passphrase);
  await first.heading("Who asks for your history");
  const second = await open();
  await second.sees("Carryover is open in another tab");
  expect(await violationsOf(second)).toEqual([]);
  await first.page.getByRole("checkbox").check();
  await first.press("Approve and send");
  await first.sees("went to Chatty");
  await first.page.close({ runBeforeUnload: false });
  await second.heading("Answer a request");
  await second.open(file.path, passphrase);
  // The file keeps no notes of its answer, and the other device has not taken it yet. The service does keep some.
  await second.sees("1 request waits for your answer.");
  await second.page.getByRole("checkbox").check();
  await second.press("Approve and send");
  await second.sees("Something was uploaded for this request before.");
  await second.sees("Nobody asks at the moment.");
  expect(uploads()).toBe(1);
});

test("the button clears everything in the middle of it, and so does loading the page anew; another page does not", async () => {
  const file = await begin();
  await askForHistory(await world.device(), world, file);
  const tab = await open();
  await tab.open(file.path, passphrase);
  await tab.heading("Who asks for your history");
  await tab.page.getByRole("link", { name: "Carryover", exact: true }).click();
  await tab.sees("Under way: open to go on");
  await tab.page.goBack();
  await tab.heading("Who asks for your history");
  // Whoever loads the page anew is asked first; this one insists.
  const asking = tab.page.waitForEvent("dialog");
  await tab.page.reload();
  expect((await asking).type()).toBe("beforeunload");
  await tab.sees("What will happen");
  expect(await keptBy(tab)).toEqual(nothing);
  await tab.open(file.path, passphrase);
  await tab.heading("Who asks for your history");

  await tab.press("Clear everything");
  await tab.sees("Everything is cleared");
  expect(await keptBy(tab)).toEqual(nothing);
  expect(await tab.page.getByText("Under way").count()).toBe(0);
  expect(await violationsOf(tab)).toEqual([]);
  await tab.page.getByRole("link", { name: "Answer", exact: true }).click();
  await tab.sees("What will happen");
});
