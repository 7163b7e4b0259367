import {
  type ChannelId,
  encodeResponse,
  type MessageHistoryBackupRequest,
  type MessageHistoryBackupResponse,
  parseChannelId,
  parseEnvelope,
  parsePadlockMessagePayload,
  parseRequestId,
} from "@carryover/protocol";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import type { UploadAuthorization } from "../ports/storage-provider-client.js";
import { sealTo } from "../provider/seal.js";
import {
  createPorts,
  deliver,
  ignoredReasons,
  type MemoryPorts,
  messageOf,
  startEngine,
} from "../testing/engine-fixture.js";
import {
  inboxId,
  other,
  type SampleInstallation,
  self,
  strangerInboxId,
  third,
} from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { storageOrigin } from "../testing/memory-storage.js";

const fileIdentity = await generateX25519Identity();
const elsewhere: ChannelId = parseChannelId("e5".repeat(16));

/** An engine that has asked `other` and `third`, and what it asked `other`. */
async function withCall(ports: MemoryPorts = createPorts()) {
  const { engine, events } = await startEngine(ports);
  await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  ports.network.calls.length = 0;
  const [sent] = ports.channels.sent;
  if (sent === undefined) throw new Error("nothing was sent");
  return {
    ports,
    engine,
    events,
    channel: sent.channelId,
    request: requestIn(sent.message.content),
  };
}

function requestIn(content: Uint8Array): MessageHistoryBackupRequest {
  const { payload } = parseEnvelope(content).value;
  const { value } = parsePadlockMessagePayload(payload);
  if (value.kind !== "request") throw new Error("no request");
  return value.request;
}

type Call = Awaited<ReturnType<typeof withCall>>;

/** What a response differs in from a good one. */
interface Difference {
  response?: Partial<MessageHistoryBackupResponse>;
  sealedTo?: string;
  by?: SampleInstallation;
  to?: ChannelId;
  outerRequestId?: string;
}

/** Answers as `other` would, but for the difference. */
async function answer(call: Call, difference: Difference = {}): Promise<void> {
  const { request, channel, ports } = call;
  const { by = other, to = channel } = difference;
  const sealedResponse = await sealTo(
    difference.sealedTo ?? request.responseRecipient,
    encodeResponse({
      requestId: request.requestId,
      backupUrl: `${storageOrigin}/backups/0`,
      encryptionParameters: { kind: "ageV1", identity: fileIdentity },
      backupFileHash: new Uint8Array(32),
      expirationTimeNs: startNs + 72n * hourNs,
      backupFileSizeBytes: 100,
      conversationCount: 1,
      messageCount: 2,
      ...difference.response,
    }),
  );
  deliver(
    ports,
    {
      kind: "response",
      response: {
        requestId:
          difference.outerRequestId === undefined
            ? request.requestId
            : parseRequestId(difference.outerRequestId),
        sealedResponse,
      },
    },
    { by, to },
  );
}

const stepOf = async ({ engine, request }: Call) =>
  (await engine.getRemoteMessageHistoryBackupRequestStatus(request.requestId))
    .step;

test("a good response is stored, and says what it offers", async () => {
  const call = await withCall();
  await answer(call);
  const { ready } = await call.engine.sync();
  expect(ready).toMatchObject([
    {
      requestId: call.request.requestId,
      step: "responseReceived",
      offered: { sizeBytes: 100, conversationCount: 1, messageCount: 2 },
    },
  ]);
  expect(ignoredReasons(call.events)).toEqual([]);
});

const someoneElses = await identityToRecipient(await generateX25519Identity());

test.each<[string, Difference, string]>([
  [
    "to a request that was never made",
    { outerRequestId: "never-made-00000000" },
    "unknownRequest",
  ],
  [
    "from an own installation that was asked something else",
    { by: third },
    "notTheInstallationAsked",
  ],
  [
    "sealed to somebody else",
    { sealedTo: someoneElses },
    "responseNotForThisRequest",
  ],
  [
    "around the answer to another request",
    { response: { requestId: parseRequestId("another-00000000000") } },
    "responseNotForThisRequest",
  ],
  [
    "for a file that is gone",
    { response: { expirationTimeNs: startNs } },
    "responseExpired",
  ],
  [
    "for a file at another origin",
    { response: { backupUrl: "https://evil.example/backups/0" } },
    "backupUrlOriginMismatch",
  ],
  [
    "for a file at another port",
    { response: { backupUrl: "https://storage.example:8443/backups/0" } },
    "backupUrlOriginMismatch",
  ],
  [
    "for a file behind plain http",
    { response: { backupUrl: "http://storage.example/backups/0" } },
    "backupUrlOriginMismatch",
  ],
  [
    "for a file that is larger than the app allows",
    { response: { backupFileSizeBytes: 16 * 1024 ** 3 + 1 } },
    "backupTooLarge",
  ],
])(
  "security rule 7: a response %s is ignored without a network call",
  async (_name, difference, reason) => {
    const call = await withCall();
    await answer(call, difference);
    await call.engine.sync();
    expect(ignoredReasons(call.events)).toEqual([reason]);
    expect(await stepOf(call)).toBe("awaitingResponse");
    expect(call.ports.network.calls).toEqual(["sync"]);
    expect(call.ports.storageProvider.calls).not.toContain("download");
  },
);

test("security rule 7: a response in another channel is to no request", async () => {
  const call = await withCall();
  call.ports.channels.conversations.set(elsewhere, {
    kind: "group",
    callId: "9".repeat(32),
    memberInboxIds: [inboxId],
    messages: [],
  });
  await answer(call, { to: elsewhere });
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual(["unknownRequest"]);
  expect(await stepOf(call)).toBe("awaitingResponse");
});

test("security rule 7: a response of another inbox, and one in a channel that somebody was let into, do nothing", async () => {
  for (const change of [
    ({ ports, channel }: Call) => {
      const messages = ports.channels.conversations.get(channel)?.messages;
      messages?.push({
        ...(messages.pop() ?? messageOf(new Uint8Array(0))),
        senderInboxId: strangerInboxId,
      });
    },
    ({ ports, channel }: Call) =>
      void ports.channels.conversations
        .get(channel)
        ?.memberInboxIds.push(strangerInboxId),
  ]) {
    const call = await withCall();
    await answer(call);
    change(call);
    await call.engine.sync();
    expect(await stepOf(call)).toBe("awaitingResponse");
    expect(call.ports.network.calls).toEqual(["sync"]);
  }
});

test("security rule 7: a response of an installation that was revoked meanwhile is ignored", async () => {
  const call = await withCall();
  await answer(call);
  call.ports.network.installations.splice(1, 1);
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual(["senderNotInInbox"]);
  expect(await stepOf(call)).toBe("awaitingResponse");
});

test("security rule 7: while the network cannot be read no response is accepted; later it is", async () => {
  const call = await withCall();
  await answer(call);
  call.ports.network.isDown = (name) => name === "fetchInboxState";
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual(["networkUnavailable"]);
  expect(await stepOf(call)).toBe("awaitingResponse");
  call.ports.network.isDown = () => false;
  await call.engine.sync();
  expect(await stepOf(call)).toBe("responseReceived");
});

test("security rule 4: a response to an expired request is ignored, and the request's key is gone", async () => {
  const call = await withCall();
  await answer(call);
  call.ports.clock.ns = startNs + 24n * hourNs;
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toContain("requestExpired");
  expect(await stepOf(call)).toBe("done");
  expect(new TextDecoder().decode(call.ports.stateStore.record)).not.toContain(
    "AGE-SECRET-KEY",
  );
});

test("security rule 4: a second response changes nothing, and is not even opened", async () => {
  const call = await withCall();
  await answer(call);
  await call.engine.sync();
  await answer(call, { response: { messageCount: 99 } });
  await answer(call, { sealedTo: someoneElses });
  await call.engine.sync();
  const { offered } =
    await call.engine.getRemoteMessageHistoryBackupRequestStatus(
      call.request.requestId,
    );
  expect(offered?.messageCount).toBe(2);
  expect(ignoredReasons(call.events)).toEqual([]);
});

test("an answer is accepted that comes before its request is known to be sent", async () => {
  const ports = createPorts();
  const call = await withCall(ports);
  // As a crash between sending and storing leaves it.
  const before = JSON.parse(
    new TextDecoder().decode(ports.stateStore.record),
  ) as { calls: { requests: { state: string }[] }[] };
  for (const { requests } of before.calls)
    for (const record of requests) record.state = "stored";
  ports.stateStore.record = new TextEncoder().encode(JSON.stringify(before));
  await answer(call);
  const { engine } = await startEngine(ports);
  expect((await engine.sync()).ready).toHaveLength(1);
});

test("a decline is believed of the installation that was asked, and of no other", async () => {
  const call = await withCall();
  const decline = (by: SampleInstallation) =>
    deliver(
      call.ports,
      { kind: "decline", requestId: call.request.requestId },
      { by, to: call.channel },
    );
  decline(third);
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual(["notTheInstallationAsked"]);
  decline(other);
  call.ports.network.installations.splice(1, 1);
  await call.engine.sync();
  expect(ignoredReasons(call.events).at(-1)).toBe("senderNotInInbox");
  expect(await stepOf(call)).toBe("awaitingResponse");
  call.ports.network.installations.splice(1, 0, {
    installationId: other.installationId,
  });
  decline(other);
  await call.engine.sync();
  expect(await stepOf(call)).toBe("done");
});

test("a sealed answer that is no answer is ignored", async () => {
  const call = await withCall();
  const { request, channel, ports } = call;
  for (const sealedResponse of [
    Uint8Array.of(1, 2, 3),
    await sealTo(request.responseRecipient, Uint8Array.of(1, 2, 3)),
  ])
    deliver(
      ports,
      {
        kind: "response",
        response: { requestId: request.requestId, sealedResponse },
      },
      { to: channel },
    );
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual([
    "responseNotForThisRequest",
    "responseNotForThisRequest",
  ]);
});

test("requests go only to a channel that holds nobody else, at every try", async () => {
  const ports = createPorts();
  ports.network.isDown = (name) => name === "send";
  const { engine } = await startEngine(ports);
  await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  const id = [...ports.channels.conversations.keys()].at(-1) ?? "";
  ports.channels.conversations.get(id)?.memberInboxIds.push(strangerInboxId);
  ports.network.isDown = () => false;
  expect((await engine.sync()).problems).toMatchObject([
    { code: "channelNotPrivate" },
    { code: "channelNotPrivate" },
  ]);
  expect(ports.channels.sent).toEqual([]);
});

test("revoked installations, backup installations and itself are not asked", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  deliver(
    ports,
    { kind: "contactBundle", contactRole: "backup", createdAtNs: startNs },
    { by: third },
  );
  await engine.sync();
  const requests = await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  expect(
    requests.map(({ recipientInstallationId }) => recipientInstallationId),
  ).toEqual([other.installationId]);
  ports.network.installations = [{ installationId: other.installationId }];
  await expect(
    engine.requestRemoteMessageHistoryBackup({
      storageProviderUrl: storageOrigin,
      appName: "Example Chat",
    }),
  ).rejects.toMatchObject({ code: "installationRevoked" });
  expect(self.installationId).toBe(engine.installationId);
});

test("a backup installation's response counts, and its decline does not", async () => {
  const call = await withCall();
  deliver(
    call.ports,
    { kind: "contactBundle", contactRole: "backup", createdAtNs: startNs },
    { to: call.channel },
  );
  deliver(
    call.ports,
    { kind: "decline", requestId: call.request.requestId },
    { to: call.channel },
  );
  await call.engine.sync();
  expect(ignoredReasons(call.events)).toEqual(["senderIsBackupInstallation"]);
  await answer(call);
  await call.engine.sync();
  expect(await stepOf(call)).toBe("responseReceived");
});

test("an installation that is not in the inbox cannot announce a role", async () => {
  const ports = createPorts();
  ports.network.installations.pop();
  const { engine, events } = await startEngine(ports);
  deliver(
    ports,
    { kind: "contactBundle", contactRole: "backup", createdAtNs: startNs },
    { by: third },
  );
  await engine.sync();
  expect(ignoredReasons(events)).toEqual(["senderNotInInbox"]);
});

const upload = (uploadUrl: string) => ({ uploadUrl });

test.each<[string, Partial<UploadAuthorization>]>([
  ["an upload URL behind plain http", upload("http://storage.example/backups")],
  [
    "an upload URL with a user name",
    upload("https://u@storage.example/backups"),
  ],
  [
    "an upload URL that no message can hold",
    upload(`${storageOrigin}/${"x".repeat(3_000)}`),
  ],
  ["no URL", upload("upload here")],
  [
    "a place to delete at that is not its own",
    { deletion: { url: "https://victim.example/x", receiptKey: "key" } },
  ],
])(
  "a storage service that authorizes with %s is refused, and nothing is left to do",
  async (_name, change) => {
    const ports = createPorts();
    ports.storageProvider.answerAuthorization = (answer) => ({
      ...answer,
      ...change,
    });
    const { engine } = await startEngine(ports);
    await expect(
      engine.requestRemoteMessageHistoryBackup({
        storageProviderUrl: storageOrigin,
        appName: "Example Chat",
      }),
    ).rejects.toMatchObject({ code: "storageRefused" });
    expect((await engine.sync()).problems).toEqual([]);
    expect(ports.channels.sent).toEqual([]);
  },
);

test("a storage service may keep files at an origin beside the one that is asked", async () => {
  const ports = createPorts();
  ports.storageProvider.answerAuthorization = (answer) => ({
    ...answer,
    uploadUrl: "https://uploads.example/backups",
  });
  const { engine } = await startEngine(ports);
  await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  expect(ports.channels.sent).toHaveLength(2);
});
