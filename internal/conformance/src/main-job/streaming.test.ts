import {
  createLocalNetwork,
  type LocalNetwork,
} from "@carryover/local-network";
import {
  createPerson,
  keptPort,
  newInstallation,
  type Person,
  waitFor,
} from "@carryover/testkit";
import { type CarryoverEvent, isBackupChannel } from "@carryover/xmtp-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectEvents } from "./support/collect-events.js";
import { ask, askOne } from "./support/move-history.js";
import { liveSmallHistory } from "./support/small-history.js";
import { viewHistory } from "./support/view-history.js";
import { createWorld, type Device, type World } from "./support/world.js";

let world: World;
let directory: string;
let network: LocalNetwork;
let alix: Person;
let old: Device;
let fresh: Device;

const startNetwork = (grpcPort: number) =>
  createLocalNetwork({ directory, grpcPort, grpcWebPort: 0 });

const installation = (person: Person) =>
  newInstallation(person, { apiUrl: network.grpcUrl });

beforeEach(async () => {
  world = await createWorld();
  directory = await world.testNetwork.temporaryDirectory();
  network = await startNetwork(await keptPort());
  alix = createPerson(world.testNetwork);
  old = await world.device(alix, { client: await installation(alix) });
  const bo = await installation(createPerson(world.testNetwork));
  await liveSmallHistory(old.client, bo);
  fresh = await world.device(alix, { client: await installation(alix) });
});
afterEach(async () => {
  await world.close();
  await network.close();
});

/** Waits for an event of a kind. */
function next<Kind extends CarryoverEvent["kind"]>(
  events: readonly CarryoverEvent[],
  kind: Kind,
): Promise<Extract<CarryoverEvent, { kind: Kind }>> {
  return waitFor(
    `an event ${kind}`,
    () =>
      events.find(
        (event): event is Extract<CarryoverEvent, { kind: Kind }> =>
          event.kind === kind,
      ),
    // A call that a lost network left hanging ends after two minutes at the latest, and the next one hears.
    { deadlineMs: 150_000 },
  );
}

async function expectMoveByEventsAlone(
  oldEvents: readonly CarryoverEvent[],
  freshEvents: readonly CarryoverEvent[],
): Promise<void> {
  const { request: inbound } = await next(oldEvents, "inboundRequest");
  await old.carryover.respondToBackupRequest(inbound.requestId, "approve");
  const { request } = await next(freshEvents, "responseReceived");
  expect(request).toMatchObject({
    requestId: inbound.requestId,
    verificationPin: inbound.verificationPin,
    step: "responseReceived",
  });
  await fresh.carryover.applyRemoteMessageHistoryBackup(request.requestId);
  expect(await viewHistory(fresh.client, isBackupChannel)).toEqual(
    await viewHistory(old.client, isBackupChannel),
  );
  await next(oldEvents, "inboundRequestClosed");
  expect(
    freshEvents.some(
      (event) =>
        event.kind === "outboundRequestChanged" &&
        event.request.status === "Applied",
    ),
  ).toBe(true);
}

test("once started, requests and responses come as events, without a call to sync", async () => {
  await old.carryover.start();
  await fresh.carryover.start();
  const [oldEvents, freshEvents] = [collectEvents(old), collectEvents(fresh)];
  await askOne(world, fresh);
  await expectMoveByEventsAlone(oldEvents, freshEvents);
});

test("what was sent while nobody listened is told at the start", async () => {
  await askOne(world, fresh);
  const [oldEvents, freshEvents] = [collectEvents(old), collectEvents(fresh)];
  await old.carryover.start();
  const { request } = await next(oldEvents, "inboundRequest");
  await old.carryover.respondToBackupRequest(request.requestId, "approve");
  await fresh.carryover.start();
  await next(freshEvents, "responseReceived");
});

test("a network that restarts loses nothing: listeners come back by themselves, and hear what was sent before they did", async () => {
  await old.carryover.start();
  await fresh.carryover.start();
  const [oldEvents, freshEvents] = [collectEvents(old), collectEvents(fresh)];
  const port = Number(new URL(network.grpcUrl).port);
  await network.close();
  // Without a network the request is stored, and sent later.
  await expect(ask(world, fresh)).rejects.toMatchObject({
    code: "networkUnavailable",
    retryable: true,
  });
  network = await startNetwork(port);
  await waitFor("the request to be made", () =>
    ask(world, fresh).then(
      () => true,
      () => false,
    ),
  );
  await expectMoveByEventsAlone(oldEvents, freshEvents);
  expect(
    [...oldEvents, ...freshEvents].filter(
      ({ kind }) => kind === "listeningStopped",
    ),
  ).toEqual([]);
}, 360_000);

test("connections that break in the middle lose no answer", async () => {
  await old.carryover.start();
  await fresh.carryover.start();
  const [oldEvents, freshEvents] = [collectEvents(old), collectEvents(fresh)];
  await askOne(world, fresh);
  const { request } = await next(oldEvents, "inboundRequest");
  network.faults.disconnectAll();
  await waitFor("the answer to be sent", () =>
    old.carryover.respondToBackupRequest(request.requestId, "approve").then(
      () => true,
      (error: { retryable?: boolean }) => {
        if (error.retryable !== true) throw error;
        return false;
      },
    ),
  );
  network.faults.disconnectAll();
  await next(freshEvents, "responseReceived");
});
