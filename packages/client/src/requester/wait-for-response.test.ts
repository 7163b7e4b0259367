import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import type { Carryover } from "../api.js";
import {
  createPorts,
  deliver,
  type MemoryPorts,
  startEngine,
} from "../testing/engine-fixture.js";
import { other, third } from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { storageOrigin } from "../testing/memory-storage.js";

async function withRequests(ports: MemoryPorts = createPorts()) {
  const { engine } = await startEngine(ports);
  const requests = await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  const [sent] = ports.channels.sent;
  if (sent === undefined) throw new Error("nothing was sent");
  return {
    ports,
    engine,
    requests,
    ids: requests.map(({ requestId }) => requestId),
    channel: sent.channelId,
  };
}

type Asked = Awaited<ReturnType<typeof withRequests>>;

const declineAs = (
  { ports, requests, channel }: Asked,
  by: typeof other,
): void => {
  const request = requests.find(
    ({ recipientInstallationId }) =>
      recipientInstallationId === by.installationId,
  );
  if (request === undefined) throw new Error("was not asked");
  const { requestId } = request;
  deliver(ports, { kind: "decline", requestId }, { by, to: channel });
};

/** The outcome, once there is one. */
function watch(
  waiting: ReturnType<Carryover["waitForRemoteMessageHistoryBackup"]>,
) {
  const watched = { outcome: undefined as unknown };
  waiting.then(
    ({ requestId }) => (watched.outcome = requestId),
    (error: unknown) =>
      (watched.outcome = error instanceof CarryoverError ? error.code : error),
  );
  return watched;
}

test("one no of several is not the end; the last one is, and says that it was a no", async () => {
  const asked = await withRequests();
  const { engine, ids } = asked;
  const waiting = engine.waitForRemoteMessageHistoryBackup(ids);
  const watched = watch(waiting);
  declineAs(asked, other);
  await engine.sync();
  expect(watched.outcome).toBeUndefined();
  declineAs(asked, third);
  await engine.sync();
  await expect(waiting).rejects.toMatchObject({ code: "declined" });
  await engine.close();
});

test("a no is told rather than that another device never answered", async () => {
  const asked = await withRequests();
  const { engine, ids, ports } = asked;
  declineAs(asked, third);
  await engine.sync();
  ports.clock.ns = startNs + 25n * hourNs;
  await engine.sync();
  await expect(
    engine.waitForRemoteMessageHistoryBackup(ids),
  ).rejects.toMatchObject({ code: "declined" });
  await engine.close();
});

test("requests that nobody answers in time end the waiting", async () => {
  const { engine, ids, ports } = await withRequests();
  const waiting = engine.waitForRemoteMessageHistoryBackup(ids);
  ports.clock.ns = startNs + 25n * hourNs;
  await Promise.all([
    expect(waiting).rejects.toMatchObject({ code: "requestExpired" }),
    engine.sync(),
  ]);
  await engine.close();
});

test("a signal ends the waiting and leaves the requests; so does closing", async () => {
  const { engine, ids } = await withRequests();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = engine.waitForRemoteMessageHistoryBackup(ids, { signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  expect(await engine.listOutboundBackupRequests()).toMatchObject([
    { status: "Pending" },
    { status: "Pending" },
  ]);
  const other = engine.waitForRemoteMessageHistoryBackup(ids);
  await Promise.all([
    expect(other).rejects.toMatchObject({ code: "aborted" }),
    engine.close(),
  ]);
});

test("a request that was never made is not waited for", async () => {
  const { engine } = await withRequests();
  await expect(
    engine.waitForRemoteMessageHistoryBackup(["0".repeat(32)]),
  ).rejects.toMatchObject({ code: "requestNotFound" });
  await engine.close();
});

test("nobody waits on when nobody listens any more, and who asks again listens again", async () => {
  const { engine, ids, ports } = await withRequests();
  ports.channels.onSync = () => {
    throw new CarryoverError("stateUnreadable", "no record");
  };
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(
      engine.waitForRemoteMessageHistoryBackup(ids),
    ).rejects.toMatchObject({ code: "stateUnreadable" });
  await engine.close();
});
