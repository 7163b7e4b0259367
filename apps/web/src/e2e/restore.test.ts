import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import { keptBy, nothing } from "../testing/open-page.js";
import { leaveAndComeBack, loadAnew } from "../testing/steps.js";
import { useScene } from "../testing/use-scene.js";
import { passphrase, texts, textsOf } from "../testing/world.js";

const scene = useScene();

test("a file is restored to an archive that an app imports with its key", async () => {
  const world = await scene.begin();
  const { path, groupId, bytes } = await world.makeFile();
  const tab = await scene.open("restore");
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
  const archive = await scene.save(tab, "Save the archive");
  const keyFile = await scene.save(tab, "Save its key");
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

  const look = await scene.open("look");
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
  const world = await scene.begin();
  const { path } = await world.makeFile();
  const tab = await scene.open("restore");
  const { faults } = world.network.network;
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  faults.inject({
    method: "QueryWelcomeMessages",
    fault: { kind: "hold", until },
  });
  await tab.open(path, passphrase);
  await tab.sees("Fetching what is new from the network …");
  await tab.press("Stop");
  // The network is silent: the page is not.
  await tab.sees("It is being stopped.");
  expect(await violationsOf(tab)).toEqual([]);
  letGo();
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
