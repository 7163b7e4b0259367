import { parseRequestId } from "@carryover/protocol";
import { expect, test } from "vitest";
import type { Carryover } from "../api.js";
import type { CarryoverErrorCode } from "../errors.js";
import type { Policy } from "../policy.js";
import { decodeState } from "../state/state-codec.js";
import {
  createContext,
  createPorts,
  deliver,
  pin,
  requestId,
  requestPayload,
  startEngine,
} from "../testing/engine-fixture.js";
import { channelId, strangerInboxId, third } from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { requireInbound } from "./inbound-records.js";
import { respondToRequest } from "./respond-to-request.js";

/** An engine where one request waits. */
async function withRequest(policy: Partial<Policy> = {}) {
  const ports = createPorts();
  const started = await startEngine(ports, policy);
  deliver(ports, requestPayload());
  await started.engine.sync();
  ports.network.calls.length = 0;
  return { ports, ...started };
}

async function codeOf(work: Promise<unknown>): Promise<CarryoverErrorCode> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (typeof error === "object" && error !== null && "code" in error)
    return error.code as CarryoverErrorCode;
  throw new Error("expected a CarryoverError");
}

const approve = (engine: Carryover, typed?: string) =>
  engine.respondToBackupRequest(
    requestId,
    "approve",
    typed === undefined ? {} : { pin: typed },
  );

test("security rule 3: nothing is uploaded before an approval, and one approval uploads once", async () => {
  const { ports, engine } = await withRequest();
  await engine.sync();
  await engine.sync();
  expect(ports.storageProvider.calls).toEqual([]);
  expect(ports.history.exportCount).toBe(0);
  const [first, second] = await Promise.all([approve(engine), approve(engine)]);
  expect(first).toEqual(second);
  expect(await codeOf(approve(engine))).toBe("wrongState");
  await engine.sync();
  expect(ports.storageProvider.calls).toEqual(["upload"]);
  expect(ports.history.exportCount).toBe(1);
  expect(ports.channels.sent).toHaveLength(1);
});

test("security rule 3: the approval of one request is none of another", async () => {
  const { ports, engine } = await withRequest();
  deliver(
    ports,
    requestPayload({
      requestId: parseRequestId("another-00000000000"),
      verificationPin: pin("7777"),
    }),
    { by: third },
  );
  await engine.sync();
  await approve(engine);
  const { inboundRequests } = await engine.sync();
  expect(inboundRequests).toMatchObject([
    { requestId: "another-00000000000", state: "awaitingConsent" },
  ]);
  expect(ports.storageProvider.calls).toEqual(["upload"]);
});

test("security rule 3: a declined request cannot be approved afterwards", async () => {
  const { ports, engine } = await withRequest();
  await engine.respondToBackupRequest(requestId, "decline");
  expect(await codeOf(approve(engine))).toBe("wrongState");
  expect(ports.storageProvider.calls).toEqual([]);
  expect(
    ports.channels.sent.map(({ message }) => message.idempotencyKey),
  ).toEqual([`decline-${requestId}`]);
});

test("security rule 8: what a closed request would be answered with is gone, also while nobody can be told that it is closed", async () => {
  const { ports, engine } = await withRequest();
  ports.network.isDown = (name) => name === "send";
  await engine.respondToBackupRequest(requestId, "decline");
  const record = ports.stateStore.record ?? new Uint8Array();
  expect(decodeState(record).inbound).toMatchObject([
    { requestId, pendingEffects: ["tellRequester"] },
  ]);
  expect(new TextDecoder().decode(record)).not.toContain("ticket=good");
});

test("a decline is not told where the app stays silent, nor to a channel with somebody else in it", async () => {
  const silent = await withRequest({ onDecline: "staySilent" });
  await silent.engine.respondToBackupRequest(requestId, "decline");
  expect(silent.ports.channels.sent).toEqual([]);

  const { ports, engine } = await withRequest();
  ports.channels.conversations
    .get(channelId)
    ?.memberInboxIds.push(strangerInboxId);
  await engine.respondToBackupRequest(requestId, "decline");
  expect(ports.channels.sent).toEqual([]);
  expect((await engine.sync()).problems).toEqual([]);
});

test("security rule 4: a request that expires while a person thinks is not answered", async () => {
  const { ports, engine } = await withRequest();
  ports.clock.ns = startNs + 24n * hourNs;
  expect(await codeOf(approve(engine))).toBe("requestExpired");
  expect(ports.storageProvider.calls).toEqual([]);
});

test("security rule 5: a clone that has not been read yet is found before the approval counts", async () => {
  const { ports, engine } = await withRequest();
  ports.channels.onSync = () =>
    void deliver(
      ports,
      requestPayload({ requestId: parseRequestId("clone-0000000000000") }),
      { by: third },
    );
  expect(await codeOf(approve(engine))).toBe("pinConflict");
  expect(ports.storageProvider.calls).toEqual([]);
});

test("security rule 5: while a message that arrived cannot be checked, no approval counts", async () => {
  const { ports, engine } = await withRequest();
  deliver(
    ports,
    requestPayload({ requestId: parseRequestId("clone-0000000000000") }),
    { by: third },
  );
  ports.network.isDown = (name) => name === "fetchInboxState";
  expect(await codeOf(approve(engine))).toBe("networkUnavailable");
  ports.network.isDown = () => false;
  expect(await codeOf(approve(engine))).toBe("pinConflict");
  expect(ports.storageProvider.calls).toEqual([]);
});

test("security rule 5: in enter mode a conflict is told before the PIN is looked at", async () => {
  const { ports, engine } = await withRequest({ pinMode: "enter" });
  deliver(
    ports,
    requestPayload({ requestId: parseRequestId("clone-0000000000000") }),
    { by: third },
  );
  await engine.sync();
  for (const typed of [undefined, "0042", "0043"])
    expect(await codeOf(approve(engine, typed))).toBe("pinConflict");
});

test("security rule 5: a clone that is stored in the very moment of the approval is found all the same", async () => {
  const { ports } = await withRequest();
  const context = await createContext(ports);
  const responding = respondToRequest(
    context,
    requestId,
    "approve",
    {},
    {
      // Saved after the approval has looked, and before it is saved itself.
      catchUp: async () =>
        void context.state.update((draft) => {
          requireInbound(draft, requestId).pinState = "conflict";
        }),
      finish: () => Promise.reject(new Error("must not be reached")),
      stop: () => undefined,
    },
  );
  expect(await codeOf(responding)).toBe("pinConflict");
  expect(requireInbound(context.state.current(), requestId).state).toBe(
    "awaitingConsent",
  );
});

test("in enter mode the PIN is not shown, has to be typed, and three wrong ones close the request", async () => {
  const { ports, engine, events } = await withRequest({ pinMode: "enter" });
  const [shown] = await engine.listInboundBackupRequests();
  expect(shown).not.toHaveProperty("verificationPin");
  expect(
    JSON.stringify(shown, (_key, value: unknown) =>
      typeof value === "bigint" ? "" : value,
    ),
  ).not.toContain("0042");
  expect(await codeOf(approve(engine))).toBe("pinRequired");
  expect(await codeOf(approve(engine, "0043"))).toBe("pinWrong");
  expect(await codeOf(approve(engine, "42"))).toBe("pinWrong");
  expect((await engine.listInboundBackupRequests())[0]?.wrongPinTriesLeft).toBe(
    1,
  );
  expect(await codeOf(approve(engine, "nonsense"))).toBe("pinTriesUsedUp");
  expect(await codeOf(approve(engine, "0042"))).toBe("wrongState");
  expect(events.at(-1)).toEqual({
    kind: "inboundRequestClosed",
    requestId,
    reason: "refused",
  });
  expect(ports.storageProvider.calls).toEqual([]);
  expect(ports.channels.sent).toEqual([]);
});

test("in enter mode the right PIN is an approval, and wrong tries survive a restart", async () => {
  const { ports, engine } = await withRequest({ pinMode: "enter" });
  expect(await codeOf(approve(engine, "0043"))).toBe("pinWrong");
  await engine.close();
  const restarted = await startEngine(ports, { pinMode: "enter" });
  expect(await codeOf(approve(restarted.engine, "0043"))).toBe("pinWrong");
  expect((await approve(restarted.engine, "00 42")).outcome).toBe("responded");
});

test("in show mode a PIN that is given must be right all the same", async () => {
  const { ports, engine } = await withRequest();
  expect(await codeOf(approve(engine, "0043"))).toBe("pinWrong");
  expect(ports.storageProvider.calls).toEqual([]);
});

test("a person who takes the yes back before it counts has not said it", async () => {
  const { ports, engine } = await withRequest();
  const signal = AbortSignal.abort();
  expect(
    await codeOf(
      engine.respondToBackupRequest(requestId, "approve", { signal }),
    ),
  ).toBe("aborted");
  await engine.sync();
  expect((await engine.listInboundBackupRequests())[0]?.state).toBe(
    "awaitingConsent",
  );
  expect(ports.storageProvider.calls).toEqual([]);
});
