import { readAll } from "@carryover/backup-file";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import { keptBy, nothing } from "../testing/open-page.js";
import { leaveAndComeBack } from "../testing/steps.js";
import { useScene } from "../testing/use-scene.js";
import { passphrase, texts } from "../testing/world.js";

const scene = useScene();

test("looking inside a Backup Account File says what it is, and asks nobody", async () => {
  const world = await scene.begin();
  const { path } = await world.makeFile();
  const tab = await scene.open("look");
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
  const world = await scene.begin();
  await world.makeFile();
  const identity = await generateX25519Identity();
  const { file } = await world.phone.carryover.writeMessageBackupFile({
    recipient: await identityToRecipient(identity),
  });
  const bytes = await readAll(file);
  const tab = await scene.open("look");
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
