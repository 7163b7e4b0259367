import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { backupMessageContentType } from "@carryover/protocol";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  startStorageProvider,
  type TestNetwork,
  type TestStorage,
} from "@carryover/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CarryoverError } from "./index.js";
import {
  answerRequests,
  type AppSettings,
  fetchHistory,
  listConversations,
  notificationFor,
  openApp,
  withAdvice,
} from "./testing/example-app.js";

const guide = new URL("../../../docs/guide/app-developers.md", import.meta.url);
const example = new URL("./testing/example-app.ts", import.meta.url);

const blocksOf = (text: string, pattern: RegExp) =>
  new Map(
    [...text.matchAll(pattern)].map(([, name = "", code = ""]) => [
      name,
      // Line breaks depend on the length of the import's name.
      code
        .replaceAll('"../index.js"', '"@carryover/xmtp-node"')
        .replace(/\s+/g, "")
        .replaceAll(",}", "}"),
    ]),
  );

it("the guide shows the code that runs here", async () => {
  const shown = blocksOf(
    await readFile(guide, "utf8"),
    /^```ts (\w+)\n(.*?)^```$/gms,
  );
  const run = blocksOf(
    await readFile(example, "utf8"),
    /^\/\/ #region (\w+)\n(.*?)^\/\/ #endregion$/gms,
  );
  expect(shown.size).toBeGreaterThan(5);
  expect(shown).toEqual(run);
});

describe("an app made after the guide", () => {
  let network: TestNetwork;
  let storage: TestStorage;
  beforeEach(async () => {
    network = await createTestNetwork();
    storage = await startStorageProvider();
    network.onClose(() => storage.close());
  });
  afterEach(() => network.close());

  const open = async (signer: Parameters<typeof openApp>[0]) => {
    const settings: AppSettings = {
      apiUrl: network.apiUrl,
      databasePath: join(await network.temporaryDirectory(), "xmtp.db3"),
      databaseKey: randomBytes(32),
      carryoverKey: randomBytes(32),
      storageUrl: storage.url,
    };
    const app = await openApp(signer, settings);
    network.onClose(() => app.client.close());
    network.onClose(() => app.carryover.close());
    return app;
  };

  it("moves a history, and shows no backup channel", async () => {
    const alix = createPerson(network);
    const bo = await newInstallation(createPerson(network));
    const old = await open(alix.signer);
    const group = await old.client.conversations.createGroup([bo.inboxId]);
    await group.sendText("hello");
    const pins: string[] = [];
    const errors: unknown[] = [];
    await answerRequests(
      old.carryover,
      async (request) => {
        pins.push(request.verificationPin ?? "");
        return "approve";
      },
      (error) => errors.push(error),
    );

    const fresh = await open(alix.signer);
    const shown: string[] = [];
    const report = await fetchHistory(fresh.carryover, storage.url, (text) =>
      shown.push(text),
    );
    expect(report.totals).toMatchObject({ sent: 1, imported: 1 });
    expect(shown[0]).toContain(pins[0]);
    expect(shown.join()).toContain("importing");
    expect(errors).toEqual([]);
    for (const { client } of [old, fresh])
      expect((await listConversations(client)).map(({ id }) => id)).toEqual([
        group.id,
      ]);
  });

  it("shows advice, and passes bugs on", async () => {
    const shown: string[] = [];
    await withAdvice(
      () => Promise.reject(new CarryoverError("networkUnavailable", "x")),
      (text) => shown.push(text),
    );
    expect(shown).toHaveLength(2);
    await expect(
      withAdvice(
        () => Promise.reject(new TypeError("bug")),
        () => undefined,
      ),
    ).rejects.toThrow("bug");
  });

  it("chooses a notification", async () => {
    const alix = createPerson(network);
    const own = await newInstallation(alix);
    const bo = await newInstallation(createPerson(network));
    const dm = await own.conversations.createDm(bo.inboxId);
    await dm.sendText("hi");
    await dm.send(
      {
        type: backupMessageContentType,
        parameters: {},
        content: Uint8Array.of(1),
      },
      { shouldPush: false },
    );
    const messages = await dm.messages();
    expect(messages.slice(-2).map(notificationFor)).toEqual(["chat", "none"]);
  });
});
