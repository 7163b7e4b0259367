import type { EnginePorts } from "@carryover/client";
import type { Person, TestClient } from "@carryover/testkit";
import type { Group } from "@xmtp/node-sdk";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "vitest";
import type { Dealt } from "../hostile/hostile-storage.js";
import {
  codeOf,
  historyOf,
  ignoredReasons,
  sentTo,
  takeRecord,
} from "./support/evidence.js";
import { createScene, type Scene } from "./support/scene.js";
import { createStage, type Device, type Stage } from "./support/stage.js";

let stage: Stage;
let alix: Person;
let old: Device;
/** Another installation of Alix, which was stolen and which she revokes sooner or later. */
let stolen: TestClient;
let channel: Group<unknown>;
let scene: Scene;
let historyBefore: unknown;

beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => {
  scene = await createScene(stage);
  ({ alix, old, channel, thief: stolen } = scene);
  historyBefore = await historyOf(old.client);
});
afterEach(async () => {
  stage.network.network.faults.clear();
  stage.hostile.mischief = () => "pass";
  await old.carryover.close();
});
afterAll(() => stage.close());

const revoke = () =>
  old.client.revokeInstallations([Buffer.from(stolen.installationId, "hex")]);

/** @param at - the storage service that the request names */
const ask = async (at: "honest" | "hostile" = "honest") => {
  const { request } = await scene.ask(
    at === "hostile" ? { uploadUrl: `${stage.hostile.url}/backups` } : {},
  );
  return request.requestId;
};

const approve =
  (device = old) =>
  async (requestId: string) =>
    await device.carryover.respondToBackupRequest(requestId, "approve");

/** Runs something, and shows that no byte has left and nothing was sent into the channel or written. */
async function withoutTrace(work: () => Promise<unknown>): Promise<void> {
  const before = takeRecord(stage);
  await work();
  expect(takeRecord(stage)).toEqual(before);
  expect(await historyOf(old.client)).toEqual(historyBefore);
}

const answers = () => scene.answers();

test("the same request of an installation that is not revoked gets the history: the refusals below are for the revocation", async () => {
  const requestId = await ask();
  await old.carryover.sync();
  const report = await approve()(requestId);
  expect(report).toMatchObject({ outcome: "responded", messageCount: 1 });
  expect(await answers()).toBe(1);
});

test("security rule 2: an installation that was revoked before its request is not even shown", async () => {
  await revoke();
  const requestId = await ask();
  await withoutTrace(async () => {
    expect((await old.carryover.sync()).inboundRequests).toEqual([]);
    expect(ignoredReasons(old.events)).toEqual(["senderNotInInbox"]);
    expect(await codeOf(approve()(requestId))).toBe("requestNotFound");
  });
});

test("security rule 2: an installation that is revoked after its request, before it is read, is not even shown", async () => {
  const requestId = await ask();
  await revoke();
  await withoutTrace(async () => {
    expect((await old.carryover.sync()).inboundRequests).toEqual([]);
    expect(ignoredReasons(old.events)).toEqual(["senderNotInInbox"]);
    expect(await codeOf(approve()(requestId))).toBe("requestNotFound");
  });
});

test("security rule 2: an installation that is revoked while a person thinks gets nothing for their yes", async () => {
  const requestId = await ask();
  expect((await old.carryover.sync()).inboundRequests).toHaveLength(1);
  await revoke();
  const sent = sentTo(stage, channel.id);
  await withoutTrace(async () => {
    expect(await codeOf(approve()(requestId))).toBe("installationRevoked");
  });
  expect(sentTo(stage, channel.id)).toBe(sent);
  expect(await answers()).toBe(0);
  expect(old.events.at(-1)).toMatchObject({
    kind: "inboundRequestClosed",
    reason: "refused",
  });
  expect(await codeOf(approve()(requestId))).toBe("wrongState");
});

test("security rule 2: an installation that is revoked between the yes and its second check gets nothing", async () => {
  let whenApproved: () => Promise<void> = async () => undefined;
  const paused = await stage.device(alix, {
    client: old.client,
    wrapPorts: (ports: EnginePorts) => ({
      ...ports,
      channels: {
        ...ports.channels,
        refresh: async (channelId) => {
          await whenApproved();
          await ports.channels.refresh(channelId);
        },
      },
    }),
  });
  const requestId = await ask();
  await paused.carryover.sync();
  whenApproved = revoke;
  await withoutTrace(async () => {
    expect(await codeOf(approve(paused)(requestId))).toBe(
      "installationRevoked",
    );
  });
  expect(await answers()).toBe(0);
});

test("security rule 2: an installation that is revoked during the upload gets no answer, and nobody has the file's key", async () => {
  const requestId = await ask("hostile");
  await old.carryover.sync();
  // The service holds its answer back until the revocation is on the network.
  stage.hostile.mischief = async (): Promise<Dealt> => {
    await revoke();
    return "pass";
  };
  const sent = sentTo(stage, channel.id);
  const { uploads } = takeRecord(stage);
  expect(await codeOf(approve()(requestId))).toBe("installationRevoked");
  expect(takeRecord(stage).uploads).toBe(uploads + 1);
  await old.carryover.sync();
  expect(sentTo(stage, channel.id)).toBe(sent);
  expect(await answers()).toBe(0);
});

test("security rule 2: while the network cannot be reached a yes sends nothing, and the request stays as it was", async () => {
  const requestId = await ask();
  await old.carryover.sync();
  const { faults } = stage.network.network;
  await withoutTrace(async () => {
    faults.setReachability("unreachable");
    expect(await codeOf(approve()(requestId))).toBe("networkUnavailable");
    faults.clear();
    expect(await old.carryover.listInboundBackupRequests()).toMatchObject([
      { requestId, state: "awaitingConsent" },
    ]);
  });
});

test.each(["GetIdentityUpdates", "QueryGroupMessages"] as const)(
  "security rule 2: while the second check gets no answer to %s nothing is uploaded; with the network back it goes on",
  async (method) => {
    let whenApproved: () => void = () => undefined;
    const device = await stage.device(alix, {
      client: old.client,
      wrapPorts: (ports: EnginePorts) => ({
        ...ports,
        channels: {
          ...ports.channels,
          refresh: async (channelId) => {
            whenApproved();
            await ports.channels.refresh(channelId);
          },
        },
      }),
    });
    const requestId = await ask();
    await device.carryover.sync();
    const { faults } = stage.network.network;
    whenApproved = () => {
      faults.inject({
        fault: { kind: "error", code: "unavailable" },
        method,
        times: "untilCleared",
      });
    };
    await withoutTrace(async () => {
      expect(await codeOf(approve(device)(requestId))).toBe(
        "networkUnavailable",
      );
      expect(await device.carryover.listInboundBackupRequests()).toMatchObject([
        { requestId, state: "approved" },
      ]);
    });
    whenApproved = () => undefined;
    faults.clear();
    expect((await device.carryover.sync()).problems).toEqual([]);
    expect(await answers()).toBe(1);
  },
);

test("security rule 2: when the network goes away during the upload the answer waits, and a revocation meanwhile ends it", async () => {
  const requestId = await ask("hostile");
  await old.carryover.sync();
  const { faults } = stage.network.network;
  stage.hostile.mischief = ({ method }) => {
    if (method === "POST")
      faults.inject({
        fault: { kind: "error", code: "unavailable" },
        method: ["GetIdentityUpdates", "QueryGroupMessages"],
        times: "untilCleared",
      });
    return "pass";
  };
  expect(await codeOf(approve()(requestId))).toBe("networkUnavailable");
  faults.clear();
  stage.hostile.mischief = () => "pass";
  const sent = sentTo(stage, channel.id);
  await revoke();
  expect((await old.carryover.sync()).problems).toMatchObject([
    { requestId, code: "installationRevoked" },
  ]);
  expect(sentTo(stage, channel.id)).toBe(sent);
});

test("security rule 2: an upload that was interrupted is not taken up for an installation that was revoked meanwhile", async () => {
  const requestId = await ask("hostile");
  await old.carryover.sync();
  stage.hostile.mischief = (request) => {
    request.socket.destroy();
    return "answered";
  };
  expect(await codeOf(approve()(requestId))).toBe("storageUnavailable");
  await revoke();
  stage.hostile.mischief = () => "pass";
  await withoutTrace(async () => {
    const restarted = await old.restart();
    expect((await restarted.carryover.sync()).problems).toMatchObject([
      { requestId, code: "installationRevoked" },
    ]);
    await restarted.carryover.close();
  });
  expect(await answers()).toBe(0);
});
