import { expect, test } from "vitest";
import { createEngine } from "../engine.js";
import { CarryoverError } from "../errors.js";
import {
  type AccountWorld,
  createAccountWorld,
  elementsOf,
  conversation,
  errorOf,
  groupId,
} from "../testing/account-fixture.js";
import {
  goodRequest,
  messageOf,
  requestId,
  requestPayload,
  testPolicy,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  other,
  signedBy,
} from "../testing/installations.js";
import type { OpenForRequestsOptions } from "./api.js";
import { openForRequests } from "./open-for-requests.js";
import { verifyFile } from "./verify-file.js";

/** A file whose installation is asked by another one. */
async function withRequest(): Promise<AccountWorld> {
  const world = await createAccountWorld(testPolicy);
  await world.create();
  const { accounts, ports } = world;
  const [dormant] = accounts.made;
  if (dormant === undefined) throw new Error("nothing was made");
  const payload = requestPayload({
    recipientInstallationId: dormant.sample.installationId,
  });
  dormant.history.conversations = [conversation(groupId)];
  dormant.history.elements = elementsOf(groupId, 1, 2);
  dormant.channels.conversations.set(channelId, {
    kind: "group",
    callId: "0".repeat(32),
    memberInboxIds: [inboxId],
    messages: [messageOf(signedBy(other, payload))],
  });
  dormant.channels.sent.length = 0;
  ports.network.calls.length = 0;
  return world;
}

const open = (
  { flow, access, ports }: AccountWorld,
  options: Partial<OpenForRequestsOptions> = {},
) =>
  openForRequests(
    flow,
    { createEngine, createStorageProvider: () => ports.storageProvider },
    { ...access, ...options },
  );

test("a request is answered from the file, which stays as it is, and nothing of it is left", async () => {
  const world = await withRequest();
  const { accounts, place, ports } = world;
  const before = place.bytes;
  const session = await open(world);
  const listed = await session.listInboundBackupRequests();
  expect(listed).toMatchObject([
    { requestId, verificationPin: goodRequest.verificationPin },
  ]);
  expect(ports.storageProvider.calls).toEqual([]);
  await session.respondToBackupRequest(requestId, "approve");
  expect(ports.storageProvider.calls).toEqual(["upload"]);
  const [dormant] = accounts.made;
  expect(dormant?.channels.sent).toHaveLength(1);
  // It sends its answer and nothing else: copies of the file stay good.
  expect(dormant?.reaches).toEqual(["backupChannels"]);
  expect(dormant?.history.madeLive).toEqual([]);
  expect(await session.close()).toEqual({ fileState: "unchanged" });
  expect(await session.close()).toEqual({ fileState: "unchanged" });
  expect(place.bytes).toBe(before);
  expect(accounts.openCount).toBe(0);
  expect([...ports.scratch.files]).toEqual([]);
});

test("in enter mode the PIN is not shown, and three wrong tries close the request", async () => {
  const world = await withRequest();
  world.flow = {
    ...world.flow,
    policy: { ...world.flow.policy, pinMode: "enter" },
  };
  const session = await open(world);
  const [request] = await session.listInboundBackupRequests();
  expect(request?.verificationPin).toBeUndefined();
  const approve = (pin?: string) =>
    session.respondToBackupRequest(
      requestId,
      "approve",
      pin === undefined ? {} : { pin },
    );
  const tries = [];
  for (const pin of [undefined, "1111", "2222", "3333", "0042"])
    tries.push((await errorOf(approve(pin))).code);
  expect(tries).toEqual([
    "pinRequired",
    "pinWrong",
    "pinWrong",
    "pinTriesUsedUp",
    expect.any(String),
  ]);
  expect(world.ports.storageProvider.calls).toEqual([]);
  await session.close();
});

test("made live: the asking installation is added, and the file is replaced when it is closed", async () => {
  const world = await withRequest();
  const { accounts, place } = world;
  const before = place.bytes;
  const session = await open(world, { conversations: "makeLive" });
  await session.listInboundBackupRequests();
  await session.respondToBackupRequest(requestId, "approve");
  expect(accounts.made[0]?.history.madeLive).toEqual([groupId]);
  expect(place.bytes).toBe(before);
  expect(await session.close()).toEqual({ fileState: "replaced" });
  expect(place.bytes).not.toEqual(before);
  expect(accounts.openCount).toBe(0);
});

test.each([
  ["leaveReadOnly", "and the file as it was", 1],
  ["makeLive", "and the keys that were renewed in the file", 2],
] as const)(
  "%s: a network that is lost while it opens leaves no database, %s",
  async (conversations, _, sequence) => {
    const world = await withRequest();
    const before = world.place.bytes;
    world.ports.network.isDown = (name) => name === "dormant:syncHistory";
    expect((await errorOf(open(world, { conversations }))).code).toBe(
      "networkUnavailable",
    );
    expect(world.accounts.openCount).toBe(0);
    world.ports.network.isDown = () => false;
    const { file } = await verifyFile(world.flow, world.access);
    expect(file.summary.sequence).toBe(sequence);
    expect(world.place.bytes === before).toBe(sequence === 1);
  },
);

test("makeLive: an engine that does not start leaves the keys that were renewed in the file", async () => {
  const world = await withRequest();
  const failing = openForRequests(
    world.flow,
    {
      createStorageProvider: () => world.ports.storageProvider,
      createEngine: () =>
        Promise.reject(new CarryoverError("diskError", "it does not start")),
    },
    { ...world.access, conversations: "makeLive" },
  );
  expect((await errorOf(failing)).code).toBe("diskError");
  expect(world.accounts.openCount).toBe(0);
  expect(
    (await verifyFile(world.flow, world.access)).file.summary.sequence,
  ).toBe(2);
});

test.each(["leaveReadOnly", "makeLive"] as const)(
  "a session (%s) keeps everything else out that writes with the same installation, until it is closed",
  async (conversations) => {
    const world = await withRequest();
    const { accounts, place, ports } = world;
    const held = new Set<string>();
    const flow = {
      ...world.flow,
      lockRefreshes: async (installationId: string) => {
        if (held.has(installationId))
          throw new CarryoverError("stateLocked", "another one works with it");
        held.add(installationId);
        return {
          release: async () => {
            held.delete(installationId);
          },
        };
      },
    };
    const session = await open({ ...world, flow }, { conversations });
    expect([...held]).toEqual([accounts.made[0]?.sample.installationId]);
    const reaches = accounts.made[0]?.reaches.length;
    for (const second of ["leaveReadOnly", "makeLive"] as const)
      expect(
        (await errorOf(open({ ...world, flow }, { conversations: second })))
          .code,
      ).toBe("stateLocked");
    // What came second has opened nothing, and has not let go of what it did not hold.
    expect(accounts.made[0]?.reaches.length).toBe(reaches);
    expect(accounts.openCount).toBe(1);
    expect(held.size).toBe(1);
    await Promise.all([session.close(), session.close()]);
    expect(held.size).toBe(0);
    ports.network.isDown = (name) => name === "dormant:syncHistory";
    await errorOf(open({ ...world, flow }, { conversations }));
    expect(held.size).toBe(0);
    expect(place.bytes).toBeDefined();
  },
);

test("wrong tries count across openings of the same file: who opens it anew cannot guess on", async () => {
  const world = await withRequest();
  world.flow = {
    ...world.flow,
    policy: { ...world.flow.policy, pinMode: "enter" },
  };
  const tries: (string | number | undefined)[] = [];
  for (const pin of ["1111", "2222", "3333"]) {
    const session = await open(world);
    const [request] = await session.listInboundBackupRequests();
    tries.push(request?.wrongPinTriesLeft);
    tries.push(
      (
        await errorOf(
          session.respondToBackupRequest(requestId, "approve", { pin }),
        )
      ).code,
    );
    await session.close();
  }
  expect(tries).toEqual([3, "pinWrong", 2, "pinWrong", 1, "pinTriesUsedUp"]);
  const again = await open(world);
  expect(await again.listInboundBackupRequests()).toEqual([]);
  // Nor by somebody who knows its id.
  expect(
    (
      await errorOf(
        again.respondToBackupRequest(requestId, "approve", { pin: "0042" }),
      )
    ).code,
  ).toBe("pinTriesUsedUp");
  expect(world.ports.storageProvider.calls).toEqual([]);
  await again.close();
});

test.each(["approve", "decline"] as const)(
  "a request that was answered (%s) is not listed again by the same file, until it expires for everybody",
  async (decision) => {
    const world = await withRequest();
    const first = await open(world);
    expect(await first.listInboundBackupRequests()).toHaveLength(1);
    await first.respondToBackupRequest(requestId, decision);
    await first.close();
    // XIP-31: of a backup installation nothing but a response counts.
    expect(
      world.accounts.made[0]?.channels.sent.map(
        ({ message }) => message.idempotencyKey.split("-")[0],
      ),
    ).toEqual(decision === "approve" ? ["response"] : []);
    const again = await open(world);
    expect(await again.listInboundBackupRequests()).toEqual([]);
    await again.close();
    // Without what was noted, the file cannot know.
    world.journal.notes.clear();
    const elsewhere = await open(world);
    expect(await elsewhere.listInboundBackupRequests()).toHaveLength(1);
    await elsewhere.close();
  },
);
