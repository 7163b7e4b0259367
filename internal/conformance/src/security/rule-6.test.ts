import { createStorageProviderClient } from "@carryover/xmtp-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { pin } from "../hostile/hostile-installation.js";
import {
  answerJson,
  type HostileStorage,
  startHostileStorage,
} from "../hostile/hostile-storage.js";
import { codeOf, historyOf, takeRecord } from "./support/evidence.js";
import { createScene } from "./support/scene.js";
import {
  createStage,
  type DeviceOptions,
  requestOptions,
  type Stage,
} from "./support/stage.js";

let stage: Stage;
/** Where nothing may ever be sent. */
let elsewhere: HostileStorage;
beforeAll(async () => {
  stage = await createStage();
  elsewhere = await startHostileStorage();
  stage.network.onClose(() => elsewhere.close());
});
afterEach(() => {
  stage.hostile.mischief = () => "pass";
  expect(elsewhere.connections()).toBe(0);
});
afterAll(() => stage.close());

test("security rule 6: a request to upload to an origin that the app does not allow is not even shown", async () => {
  const { ask, whatArrives } = await createScene(stage);
  const { port } = new URL(stage.storage.url);
  const before = takeRecord(stage);
  const uploadUrls = [
    `${elsewhere.url}/backups`,
    "http://storage.example/backups",
    `http://127.0.0.1.example:${port}/backups`,
    "http://127.0.0.1:1/backups",
    `https://127.0.0.1:${port}/backups`,
  ];
  for (const uploadUrl of uploadUrls) await ask({ uploadUrl });
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: uploadUrls.map(() => "storageOriginNotAllowed"),
  });
  expect(takeRecord(stage)).toEqual(before);
});

test("security rule 6: an app that allows no storage service is asked for nothing", async () => {
  const { ask, whatArrives } = await createScene(stage, {
    allowedStorageOrigins: [],
  });
  await ask();
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["storageOriginNotAllowed"],
  });
});

test("security rule 6: an origin that the app stops allowing while a person thinks gets nothing", async () => {
  const { old, ask } = await createScene(stage);
  const { request } = await ask();
  await old.carryover.sync();
  const before = takeRecord(stage);
  const { carryover } = await old.restart({ allowedStorageOrigins: [] });
  expect(
    await codeOf(
      carryover.respondToBackupRequest(request.requestId, "approve"),
    ),
  ).toBe("storageOriginNotAllowed");
  expect(takeRecord(stage)).toEqual(before);
});

/** The app allows some origins, requests name upload URLs there, and a person says yes to each. */
async function approveUploadsTo(
  uploadUrls: readonly string[],
  options: DeviceOptions = {},
): Promise<string[]> {
  const { old, ask, answers } = await createScene(stage, {
    allowedStorageOrigins: uploadUrls.map((url) => new URL(url).origin),
    ...options,
  });
  const historyBefore = await historyOf(old.client);
  const codes: string[] = [];
  for (const [index, uploadUrl] of uploadUrls.entries()) {
    const { request } = await ask({
      uploadUrl,
      verificationPin: pin(`100${index}`),
    });
    expect((await old.carryover.sync()).inboundRequests).toHaveLength(1);
    codes.push(
      await codeOf(
        old.carryover.respondToBackupRequest(request.requestId, "approve"),
      ),
    );
  }
  expect((await old.carryover.sync()).problems).toEqual([]);
  expect(await answers()).toBe(0);
  expect(await historyOf(old.client)).toEqual(historyBefore);
  return codes;
}

test("security rule 6: nothing is uploaded into private address space, though the app allows it", async () => {
  const urls = [
    "https://10.0.0.1/backups",
    "https://192.168.1.1:8443/backups",
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00::1]/backups",
    "https://[::ffff:10.0.0.1]/backups",
  ].map((url) => new URL(url).href);
  expect(await approveUploadsTo(urls)).toEqual(
    urls.map(() => "privateAddress"),
  );
});

const loopback = { address: "127.0.0.1", family: 4 };
const names: Record<string, { address: string; family: number }[]> = {
  "loopback.example": [loopback],
  "link-local.example": [{ address: "169.254.169.254", family: 4 }],
  "unique-local.example": [{ address: "fd00::1", family: 6 }],
  "one-of-two.example": [{ address: "9.9.9.9", family: 4 }, loopback],
  "mapped.example": [{ address: "::ffff:127.0.0.1", family: 6 }],
};

test("security rule 6: nothing is uploaded to a name that leads into private address space", async () => {
  const { port } = new URL(elsewhere.url);
  const codes = await approveUploadsTo(
    Object.keys(names).map((name) => `https://${name}:${port}/backups`),
    {
      // The real adapter, with a name service in the attacker's hands.
      wrapPorts: (ports) => ({
        ...ports,
        storageProvider: createStorageProviderClient({
          uploadSecret: new Uint8Array(32),
          resolveName: async (hostname) => names[hostname] ?? [],
        }),
      }),
    },
  );
  expect(codes).toEqual(Object.keys(names).map(() => "privateAddress"));
});

test("security rule 6: an upload follows no redirect", async () => {
  const statuses = [301, 302, 303, 307, 308];
  const left = [...statuses];
  stage.hostile.mischief = (_request, response) => {
    const location = `${elsewhere.url}/backups`;
    response.writeHead(left.shift() ?? 500, { location }).end();
    return "answered";
  };
  const urls = statuses.map(
    (status) => `${stage.hostile.url}/backups?${status}`,
  );
  expect(await approveUploadsTo(urls)).toEqual(
    urls.map(() => "redirectRefused"),
  );
  expect(left).toEqual([]);
});

test("security rule 6: a service that says that it stored the file elsewhere is not believed", async () => {
  stage.hostile.mischief = (_request, response) => {
    answerJson(response, 201, { downloadUrl: `${elsewhere.url}/backups/1` });
    return "answered";
  };
  expect(await approveUploadsTo([`${stage.hostile.url}/backups`])).toEqual([
    "storageRefused",
  ]);
});

test("security rule 6: who asks for an upload authorization is as careful", async () => {
  stage.hostile.mischief = (_request, response) => {
    const location = `${elsewhere.url}/authorizations`;
    response.writeHead(307, { location }).end();
    return "answered";
  };
  const alix = stage.person();
  await stage.device(alix);
  const { carryover } = await stage.device(alix);
  for (const [url, code] of [
    [stage.hostile.url, "redirectRefused"],
    ["https://10.0.0.1", "privateAddress"],
    ["http://storage.example", "invalidOption"],
  ] as const)
    expect(
      await codeOf(
        carryover.requestRemoteMessageHistoryBackup(requestOptions({ url })),
      ),
    ).toBe(code);
  expect(await carryover.listOutboundBackupRequests()).toEqual([]);
});
