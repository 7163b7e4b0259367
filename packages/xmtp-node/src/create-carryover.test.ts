import { randomBytes } from "node:crypto";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestNetwork,
} from "@carryover/testkit";
import type { WorkerKind } from "@xmtp/node-sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backupMessageCodec } from "./backup-message-codec.js";
import { isBackupChannel } from "./channel-group.js";
import { type CarryoverOptions, createCarryover } from "./create-carryover.js";
import { taskRunner, type XmtpClient } from "./sdk-values.js";

describe("createCarryover", () => {
  let network: TestNetwork;
  let alix: Person;
  beforeEach(async () => {
    network = await createTestNetwork();
    alix = createPerson(network);
  });
  afterEach(() => network.close());

  const open = async (
    client: XmtpClient,
    options: Partial<CarryoverOptions> = {},
  ) => {
    const carryover = await createCarryover(client, {
      encryptionKey: randomBytes(32),
      ...options,
    });
    network.onClose(() => carryover.close());
    return carryover;
  };

  it.each([
    ["by default", {}],
    ["with device sync named as on", { disableDeviceSync: false }],
    [
      "with only the device-sync worker off, which does not stop the answers",
      { workerConfig: { disabledWorkers: ["DeviceSync" as WorkerKind] } },
    ],
  ])(
    "refuses a client whose own device sync answers: %s",
    async (_, options) => {
      const client = await newInstallation(alix, {
        clientOptions: {
          disableDeviceSync: false,
          codecs: [backupMessageCodec],
          ...options,
        },
      });
      await expect(open(client)).rejects.toMatchObject({
        code: "deviceSyncAnswers",
      });
      await open(client, { unsafelyKeepOfficialDeviceSync: true });
    },
  );

  it("accepts a client with device sync whose answering worker is off", async () => {
    const client = await newInstallation(alix, {
      clientOptions: {
        disableDeviceSync: false,
        workerConfig: { disabledWorkers: [taskRunner] },
      },
    });
    await open(client);
  });

  it("refuses a client whose options are not known", async () => {
    const client = await newInstallation(alix);
    const disguised = new Proxy(client, {
      get: (target, name) =>
        name === "options" ? undefined : (Reflect.get(target, name) as unknown),
    });
    await expect(
      open(disguised, { directory: await network.temporaryDirectory() }),
    ).rejects.toMatchObject({ code: "deviceSyncAnswers" });
  });

  it("refuses a client without the codec", async () => {
    const client = await newInstallation(alix, {
      clientOptions: { codecs: [] },
    });
    await expect(open(client)).rejects.toMatchObject({ code: "codecMissing" });
  });

  it("refuses a key that is not of 32 bytes, and a client that is not registered", async () => {
    const client = await newInstallation(alix);
    await expect(
      open(client, { encryptionKey: new Uint8Array(31) }),
    ).rejects.toMatchObject({ code: "invalidOption" });
    const unregistered = await newInstallation(createPerson(network), {
      clientOptions: { disableAutoRegister: true },
    });
    await expect(open(unregistered)).rejects.toMatchObject({
      code: "wrongState",
    });
  });

  it("belongs to one instance at a time, and lets go when it cannot be made", async () => {
    const client = await newInstallation(alix);
    await expect(
      open(client, { allowedStorageOrigins: ["http://example.org"] }),
    ).rejects.toMatchObject({ code: "invalidOption" });
    const carryover = await open(client);
    await expect(open(client)).rejects.toMatchObject({ code: "stateLocked" });
    await carryover.close();
  });

  it("keeps two installations apart in one directory", async () => {
    const directory = await network.temporaryDirectory();
    await open(await newInstallation(alix), { directory });
    await open(await newInstallation(alix), { directory });
  });

  it("moves a history from one installation to another", async () => {
    const storage = await startStorageProvider();
    network.onClose(() => storage.close());
    const bo = await newInstallation(createPerson(network));
    const old = await newInstallation(alix);
    const group = await old.conversations.createGroup([bo.inboxId], {
      groupName: "friends",
    });
    for (let index = 0; index < 5; index += 1)
      await group.sendText(`message ${index}`);
    const dm = await old.conversations.createDm(bo.inboxId);
    await dm.sendText("hello Bo");

    const fresh = await newInstallation(alix);
    const allowedStorageOrigins = [storage.url];
    const provider = await open(old, { allowedStorageOrigins });
    const requester = await open(fresh, { allowedStorageOrigins });
    const [request] = await requester.requestRemoteMessageHistoryBackup({
      storageProviderUrl: storage.url,
      appName: "Test",
    });
    if (request === undefined) throw new Error("nobody was asked");
    const { inboundRequests } = await provider.sync();
    expect(
      inboundRequests.map(({ verificationPin }) => verificationPin),
    ).toEqual([request.verificationPin]);
    await provider.respondToBackupRequest(request.requestId, "approve");
    await requester.sync();
    const report = await requester.applyRemoteMessageHistoryBackup(
      request.requestId,
    );
    expect(report.totals).toMatchObject({ conversations: 2, alreadyThere: 0 });
    expect(report.conversations.map(({ liveness }) => liveness)).toEqual([
      "live",
      "live",
    ]);

    const restored = await fresh.conversations.getConversationById(group.id);
    const texts = (await restored?.messages())?.map(({ content }) => content);
    for (let index = 0; index < 5; index += 1)
      expect(texts).toContain(`message ${index}`);
    await restored?.sendText("I am back");
    await bo.conversations.syncAll();
    const heard = await bo.conversations.getConversationById(group.id);
    expect((await heard?.lastMessage())?.content).toBe("I am back");

    const listed = await old.conversations.list({ consentStates: [0, 1, 2] });
    expect(listed.filter(isBackupChannel)).toHaveLength(1);
  });
});
