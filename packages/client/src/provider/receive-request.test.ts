import {
  type ChannelId,
  type MessageHistoryBackupRequest,
  parseChannelId,
  parseRequestId,
} from "@carryover/protocol";
import { expect, test } from "vitest";
import { clockToleranceMs, defaultPolicy } from "../policy.js";
import {
  createContext,
  createPorts,
  deliver,
  goodRequest,
  ignoredReasons,
  type MemoryPorts,
  messageOf,
  pin,
  requestId,
  requestPayload,
  startEngine,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  other,
  self,
  third,
} from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { receiveRequest } from "./receive-request.js";

/** A recipient of the right form: 32 zero bytes, a point of small order. */
const smallOrderRecipient =
  "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
const otherChannelId: ChannelId = parseChannelId("0b".repeat(16));

/** Delivers one request and tells what became of it. */
async function receive(
  change: Partial<MessageHistoryBackupRequest>,
  prepare: (ports: MemoryPorts) => void = () => undefined,
) {
  const ports = createPorts();
  prepare(ports);
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload(change));
  const { inboundRequests } = await engine.sync();
  await engine.close();
  expect(ports.storageProvider.calls).toEqual([]);
  expect(ports.channels.sent).toEqual([]);
  return {
    reasons: ignoredReasons(events),
    inboundRequests,
    networkCalls: ports.network.calls.filter((call) => call !== "sync"),
  };
}

test("a good request waits for a person, with what they need to decide", async () => {
  const { reasons, inboundRequests } = await receive({});
  expect(reasons).toEqual([]);
  expect(inboundRequests).toEqual([
    {
      requestId,
      verificationPin: pin("0042"),
      pinState: "unique",
      wrongPinTriesLeft: 3,
      state: "awaitingConsent",
      installationId: other.installationId,
      installationCreatedAtNs: startNs - hourNs,
      appName: "Example Chat",
      storageOrigin: "https://storage.example",
      scope: { elements: ["messages", "consent"] },
      createdAtNs: startNs,
      expiresAtNs: startNs + 24n * hourNs,
      estimate: { conversationCount: 0, messageCount: 0 },
    },
  ]);
});

const msToNs = (ms: number) => BigInt(ms) * 1_000_000n;
const tolerance = msToNs(clockToleranceMs);
const maxAge = msToNs(defaultPolicy.maxRequestAgeMs);

test.each<[string, Partial<MessageHistoryBackupRequest>, string]>([
  [
    "addressed to another installation",
    { recipientInstallationId: third.installationId },
    "notAddressedToThisInstallation",
  ],
  [
    "from the future",
    { createdAtNs: startNs + tolerance + 1n },
    "requestFromTheFuture",
  ],
  [
    "that has expired",
    { createdAtNs: startNs - hourNs, expiresAtNs: startNs },
    "requestExpired",
  ],
  [
    "older than the app allows, however long it says that it lives",
    { createdAtNs: startNs - maxAge, expiresAtNs: startNs + 1_000n * hourNs },
    "requestExpired",
  ],
  [
    "for a file that we cannot write",
    { backupFileVersions: [2] },
    "noCommonBackupFileVersion",
  ],
  [
    "for another storage service",
    { uploadUrl: "https://evil.example/backups" },
    "storageOriginNotAllowed",
  ],
  [
    "for plain http",
    { uploadUrl: "http://storage.example/backups" },
    "storageOriginNotAllowed",
  ],
])(
  "a request %s is ignored without a network call",
  async (_name, change, reason) => {
    const { reasons, inboundRequests, networkCalls } = await receive(change);
    expect(reasons).toEqual([reason]);
    expect(inboundRequests).toEqual([]);
    expect(networkCalls).toEqual([]);
  },
);

test("clocks may differ by the tolerance, and a request may be as old as the policy says", async () => {
  for (const change of [
    { createdAtNs: startNs + tolerance, expiresAtNs: startNs + 2n * tolerance },
    { createdAtNs: startNs - maxAge + 1n, expiresAtNs: startNs + 1n },
  ])
    expect((await receive(change)).inboundRequests).toHaveLength(1);
});

test("security rule 2: an installation that is not in the inbox now is ignored", async () => {
  const { reasons, inboundRequests } = await receive({}, ({ network }) => {
    network.installations = network.installations.filter(
      ({ installationId }) => installationId !== other.installationId,
    );
  });
  expect(reasons).toEqual(["senderNotInInbox"]);
  expect(inboundRequests).toEqual([]);
});

test("security rule 2: while the network cannot be read nobody is asked, and the request is read again later", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload());
  ports.network.isDown = (name) => name === "fetchInboxState";
  expect((await engine.sync()).inboundRequests).toEqual([]);
  expect(ignoredReasons(events)).toEqual(["networkUnavailable"]);
  ports.network.isDown = () => false;
  expect((await engine.sync()).inboundRequests).toHaveLength(1);
});

test("a backup installation's request is disregarded, also where it was not known as one when the message came", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  deliver(ports, {
    kind: "contactBundle",
    contactRole: "backup",
    createdAtNs: startNs,
  });
  deliver(ports, requestPayload());
  expect((await engine.sync()).inboundRequests).toEqual([]);
  expect(ignoredReasons(events)).toEqual(["senderIsBackupInstallation"]);
  const context = await createContext(ports);
  expect(
    await receiveRequest(
      context,
      {
        channelId,
        messageId: "direct",
        senderInstallationId: other.installationId,
        envelope: new Uint8Array(),
        payload: requestPayload(),
      },
      goodRequest,
    ),
  ).toBe("senderIsBackupInstallation");
});

test("an own message that comes back is no request", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload(), { by: self });
  expect((await engine.sync()).inboundRequests).toEqual([]);
  expect(ignoredReasons(events)).toEqual([]);
});

test("a recipient that nothing can be sealed to is found out about before a person is asked", async () => {
  const { reasons, inboundRequests } = await receive({
    responseRecipient: smallOrderRecipient,
  });
  expect(reasons).toEqual(["malformed"]);
  expect(inboundRequests).toEqual([]);
});

test("an installation gone wild has eight requests at most, and keeps nobody else's out", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  for (let n = 0; n < 10; n += 1)
    deliver(
      ports,
      requestPayload({
        requestId: parseRequestId(`flood-00000000000${n}`),
        verificationPin: pin(`100${n}`),
      }),
      { by: third },
    );
  deliver(ports, requestPayload());
  const { inboundRequests } = await engine.sync();
  expect(ignoredReasons(events)).toEqual([
    "tooManyRequests",
    "tooManyRequests",
  ]);
  expect(inboundRequests).toHaveLength(9);
  expect(inboundRequests.at(-1)?.installationId).toBe(other.installationId);
});

test("security rule 4: the same message read again is the same request, and one sent again is a replay", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  const message = deliver(ports, requestPayload());
  await engine.sync();
  await engine.sync();
  await engine.close();
  const restarted = await startEngine(ports);
  await restarted.engine.sync();
  expect(ignoredReasons([...events, ...restarted.events])).toEqual([]);
  ports.channels.conversations
    .get(channelId)
    ?.messages.push(messageOf(message.content));
  expect((await restarted.engine.sync()).inboundRequests).toMatchObject([
    { pinState: "unique" },
  ]);
  expect(ignoredReasons(restarted.events)).toEqual(["requestReplayed"]);
});

test("security rule 4: a used request id stays used until a replay would be too old", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  const { content } = deliver(ports, requestPayload());
  const replay = async () => {
    ports.channels.conversations
      .get(channelId)
      ?.messages.push(messageOf(content));
    expect((await engine.sync()).inboundRequests).toEqual([]);
    return ignoredReasons(events).at(-1);
  };
  await engine.sync();
  await engine.respondToBackupRequest(requestId, "decline");
  expect(await replay()).toBe("requestReplayed");
  const another = async (text: string) => {
    deliver(
      ports,
      requestPayload({
        requestId: parseRequestId(text),
        createdAtNs: ports.clock.ns,
        expiresAtNs: ports.clock.ns + hourNs / 60n,
        recipientInstallationId: self.installationId,
      }),
      { by: third },
    );
    const { inboundRequests } = await engine.sync();
    expect(inboundRequests.map((request) => request.requestId)).toEqual([text]);
    ports.clock.ns += hourNs / 60n;
  };
  // Each request that comes makes what is old forgotten, and nothing that could still be replayed.
  await another("soon-00000000000000");
  expect(await replay()).toBe("requestReplayed");
  ports.clock.ns = startNs + 24n * hourNs + tolerance + 1n;
  await another("later-0000000000000");
  expect(await replay()).toBe("requestExpired");
});

test("security rule 5: two requests with one PIN are a conflict, and it stays when one of them is gone", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  const clone = parseRequestId("clone-0000000000000");
  deliver(ports, requestPayload());
  await engine.sync();
  deliver(ports, requestPayload({ requestId: clone }), { by: third });
  const { inboundRequests } = await engine.sync();
  expect(inboundRequests.map(({ pinState }) => pinState)).toEqual([
    "conflict",
    "conflict",
  ]);
  const shown = events.flatMap((event) =>
    event.kind === "inboundRequest"
      ? [[event.request.requestId, event.request.pinState]]
      : [],
  );
  expect(shown).toEqual([
    [requestId, "unique"],
    [requestId, "conflict"],
    [clone, "conflict"],
  ]);
  await engine.respondToBackupRequest(clone, "decline");
  for (const id of [requestId, clone])
    await expect(
      engine.respondToBackupRequest(id, "approve"),
    ).rejects.toMatchObject({
      code: id === requestId ? "pinConflict" : "wrongState",
    });
  expect(ports.storageProvider.calls).toEqual([]);
});

/** A second channel that is listed first, as the official library may do. */
function addChannelInFront({ channels }: MemoryPorts): void {
  const before = [...channels.conversations];
  channels.conversations.clear();
  channels.conversations.set(otherChannelId, {
    kind: "group",
    callId: "1".repeat(32),
    memberInboxIds: [inboxId],
    messages: [],
  });
  for (const [id, conversation] of before)
    channels.conversations.set(id, conversation);
}

test("security rule 5: a copy of a request's id and PIN that is read first is a conflict, and does not hide the request", async () => {
  const ports = createPorts();
  addChannelInFront(ports);
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload());
  deliver(ports, requestPayload(), { by: third, to: otherChannelId });
  const { inboundRequests } = await engine.sync();
  expect(inboundRequests).toMatchObject([
    { installationId: third.installationId, pinState: "conflict" },
  ]);
  expect(ignoredReasons(events)).toEqual(["requestReplayed"]);
  await expect(
    engine.respondToBackupRequest(requestId, "approve"),
  ).rejects.toMatchObject({
    code: "pinConflict",
  });
});

test("security rule 5: a request id used again by whom it is not for, or who is not in the inbox, makes no conflict", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  deliver(ports, requestPayload());
  await engine.sync();
  deliver(
    ports,
    requestPayload({ recipientInstallationId: other.installationId }),
    { by: third },
  );
  // While who sent it is in the inbox, so that nothing else speaks against it.
  await engine.sync();
  ports.network.installations = ports.network.installations.filter(
    ({ installationId }) => installationId !== third.installationId,
  );
  deliver(ports, requestPayload(), { by: third });
  const { inboundRequests } = await engine.sync();
  expect(inboundRequests.map(({ pinState }) => pinState)).toEqual(["unique"]);
});

test("a channel that is not private is not read, however much stands in it", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  ports.channels.conversations
    .get(channelId)
    ?.memberInboxIds.push("b0".repeat(32));
  deliver(ports, requestPayload());
  await engine.sync();
  expect(ports.channels.read).toEqual([]);
  expect(ports.network.calls).toEqual(["sync"]);
});

test("a message that stands in a channel and was not read by its signer is refused by its signature", async () => {
  const ports = createPorts();
  addChannelInFront(ports);
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload(), {
    to: otherChannelId,
    signedFor: channelId,
  });
  await engine.sync();
  expect(ignoredReasons(events)).toEqual(["badSignature"]);
});
