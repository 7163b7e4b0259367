import { randomBytes } from "node:crypto";
import {
  encodeEnvelope,
  parseEnvelope,
  parseInstallationId,
} from "@carryover/protocol";
import {
  newInstallation,
  type Person,
  type TestClient,
  waitFor,
} from "@carryover/testkit";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "vitest";
import {
  type Conversation,
  makeMarkedGroup,
  requestFor,
  sameGroup,
  sendBytes,
  sendSigned,
  signWith,
} from "../hostile/hostile-installation.js";
import {
  codeOf,
  historyOf,
  ignoredReasons,
  sentTo,
  takeRecord,
} from "./support/evidence.js";
import {
  createStage,
  type Device,
  only,
  type Stage,
  startListening,
} from "./support/stage.js";

let stage: Stage;
let alix: Person;
/** Alix's installation with the history, which is asked. */
let old: Device;
/** Another installation of hers, in the wrong hands. */
let own: TestClient;
let bo: TestClient;
let recordBefore: ReturnType<typeof takeRecord>;
let historyBefore: unknown;

beforeAll(async () => {
  stage = await createStage();
  bo = stage.bo;
});
beforeEach(async () => {
  alix = stage.person();
  old = await stage.device(alix);
  own = await newInstallation(alix);
  const dm = await old.client.conversations.createDm(bo.inboxId);
  await dm.sendText("what nobody else may read");
  recordBefore = takeRecord(stage);
  historyBefore = await historyOf(old.client);
});
afterEach(async () => {
  await old.carryover.close();
  // Whatever a test did: nothing was uploaded, and nothing of the history has changed.
  expect(takeRecord(stage)).toEqual(recordBefore);
});
afterAll(() => stage.close());

const good = async () => ({
  kind: "request" as const,
  request: await requestFor(old.client, stage.storage.url),
});

/** What the old installation makes of everything that has arrived. */
async function whatArrives(): Promise<{ shown: number; reasons: string[] }> {
  const { inboundRequests } = await old.carryover.sync();
  return {
    shown: inboundRequests.length,
    reasons: ignoredReasons(old.events),
  };
}

test("the request of an own installation in a channel of their own is shown: the attacks below fail for what they change", async () => {
  const channel = await makeMarkedGroup(own);
  await sendSigned(own, channel, await good());
  expect(await whatArrives()).toEqual({ shown: 1, reasons: [] });
});

const conversations: [string, () => Promise<Conversation>][] = [
  ["a DM with another person", () => own.conversations.createDm(bo.inboxId)],
  [
    "a group with another person",
    () => own.conversations.createGroup([bo.inboxId]),
  ],
  ["a marked group with another person", () => makeMarkedGroup(own, [bo])],
  ["an own group that is not marked", () => own.conversations.createGroup([])],
];

test.each(conversations)(
  "security rule 1: a request sent in %s is not even read, though an own installation has signed it",
  async (_name, open) => {
    const conversation = await open();
    await conversation.sendText("hello");
    await old.client.conversations.syncAll([0, 1, 2]);
    const dmsBefore = await historyOf(old.client);
    await startListening(stage, old);
    await sendSigned(own, conversation, await good());
    await waitFor("the message to be ignored", () => old.events.length > 0);
    expect(await whatArrives()).toMatchObject({ shown: 0 });
    expect(new Set(ignoredReasons(old.events))).toEqual(
      new Set(["notABackupChannel"]),
    );
    expect(old.events.every(({ kind }) => kind === "messageIgnored")).toBe(
      true,
    );
    expect(await historyOf(old.client)).toHaveLength(
      (dmsBefore as unknown[]).length,
    );
    expect(sentTo(stage, conversation.id)).toBeGreaterThan(0);
  },
);

/**
 * Calls that reach the network until one more message of a conversation has arrived and all is quiet. Without those that
 * renew a key package: every installation makes one by itself, five seconds after it came into a conversation.
 */
async function callsDuring(
  send: () => Promise<unknown>,
  arrived: () => Promise<boolean> | boolean,
) {
  const { calls } = stage.network.network;
  const last = Math.max(0, ...calls.list().map(({ number }) => number));
  await send();
  await waitFor("the message to arrive", arrived);
  // One round trip of the installation itself, behind everything that the message may have started.
  await old.client.preferences.inboxState();
  return calls
    .list()
    .filter(({ number }) => number > last)
    .map(({ method }) => method)
    .filter((method) => method !== "UploadKeyPackage")
    .sort();
}

test.each<[string, () => Promise<Conversation>]>([
  ["a DM", () => bo.conversations.createDm(old.client.inboxId)],
  ["a group", () => bo.conversations.createGroup([old.client.inboxId])],
  ["a marked group", () => makeMarkedGroup(bo, [old.client])],
])(
  "security rule 1: a stranger's request in %s causes no network call: the network sees what any text causes",
  async (_name, open) => {
    await startListening(stage, old);
    const conversation = await open();
    await conversation.sendText("warm-up");
    const mine = async () => {
      const found = await old.client.conversations.getConversationById(
        conversation.id,
      );
      return found;
    };
    const texts = async () => (await (await mine())?.messages())?.length ?? 0;
    await waitFor(
      "the conversation to arrive",
      async () => (await texts()) > 0,
    );
    const { length: eventsBefore } = old.events;
    const before = await texts();
    const textCalls = await callsDuring(
      () => conversation.sendText("any text"),
      async () => (await texts()) > before,
    );
    const request = await requestFor(old.client, stage.storage.url);
    const strangers = encodeEnvelope({
      ...parseEnvelope(signWith(bo, conversation, { kind: "request", request }))
        .value,
    });
    const requestCalls = await callsDuring(
      () => sendBytes(conversation, strangers),
      () => old.events.length > eventsBefore,
    );
    expect(requestCalls).toEqual(textCalls);
    expect(ignoredReasons(old.events)).toEqual(["foreignSender"]);
    expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
  },
);

test("security rule 1: garbage under the content type, from anybody, does nothing", async () => {
  const channel = await makeMarkedGroup(own);
  const group = await bo.conversations.createGroup([old.client.inboxId]);
  for (const content of [
    new Uint8Array(0),
    new Uint8Array(randomBytes(300)),
    new Uint8Array(70_000),
  ]) {
    await sendBytes(channel, content);
    await sendBytes(group, content);
  }
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["malformed", "malformed", "malformed"],
  });
  expect(await historyOf(old.client)).toHaveLength(2);
});

test("security rule 1: another inbox was added to the channel before the request is read", async () => {
  const channel = await makeMarkedGroup(own);
  await sendSigned(own, channel, await good());
  await channel.addMembers([bo.inboxId]);
  expect((await whatArrives()).shown).toBe(0);
});

test("security rule 1: another inbox is added to the channel after the request is shown", async () => {
  const channel = await makeMarkedGroup(own);
  await sendSigned(own, channel, await good());
  const { requestId } = only((await old.carryover.sync()).inboundRequests);
  await channel.addMembers([bo.inboxId]);
  const messages = sentTo(stage, channel.id);
  expect(
    await codeOf(old.carryover.respondToBackupRequest(requestId, "approve")),
  ).toBe("channelNotPrivate");
  expect(await old.carryover.listInboundBackupRequests()).toEqual([]);
  expect(sentTo(stage, channel.id)).toBe(messages);
  expect(await historyOf(old.client)).toEqual(historyBefore);
});

test("security rule 1: a member who was let in and put out again has left the channel as private as before", async () => {
  const channel = await makeMarkedGroup(own);
  await channel.addMembers([bo.inboxId]);
  const boChannel = await sameGroup(bo, channel);
  await sendBytes(boChannel, signWith(bo, boChannel, await good()));
  await channel.removeMembers([bo.inboxId]);
  expect((await whatArrives()).shown).toBe(0);
  expect(new Set(ignoredReasons(old.events))).toEqual(
    new Set(["foreignSender"]),
  );
});

test.each<[string, (signed: Uint8Array) => Uint8Array, string]>([
  [
    "with one byte of the payload changed",
    (signed) => {
      const { payload, ...rest } = parseEnvelope(signed).value;
      return encodeEnvelope({
        ...rest,
        payload: new Uint8Array(
          Buffer.from(
            Buffer.from(payload)
              .toString("latin1")
              .replace("Hostile", "Hostila"),
            "latin1",
          ),
        ),
      });
    },
    "badSignature",
  ],
  [
    "that names another installation as its sender",
    (signed) =>
      encodeEnvelope({
        ...parseEnvelope(signed).value,
        senderInstallationId: parseInstallationId(old.client.installationId),
      }),
    "badSignature",
  ],
  [
    "that names a stranger's installation as its sender",
    (signed) =>
      encodeEnvelope({
        ...parseEnvelope(signed).value,
        senderInstallationId: parseInstallationId(bo.installationId),
      }),
    "badSignature",
  ],
])(
  "security rule 1: an altered request, %s, is ignored",
  async (_name, alter, reason) => {
    const channel = await makeMarkedGroup(own);
    await sendBytes(channel, alter(signWith(own, channel, await good())));
    expect(await whatArrives()).toEqual({ shown: 0, reasons: [reason] });
  },
);

test("security rule 1: a request moved from another channel, or from another inbox, is ignored", async () => {
  const [here, there] = [
    await makeMarkedGroup(own),
    await makeMarkedGroup(own),
  ];
  const payload = await good();
  await sendBytes(here, signWith(own, here, payload, { channelId: there.id }));
  await sendBytes(here, signWith(own, here, payload, { inboxId: bo.inboxId }));
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["badSignature", "badSignature"],
  });
});

test("security rule 1: a request that a stranger's installation has signed is ignored, though an own one sends it", async () => {
  const channel = await makeMarkedGroup(own);
  const bytes = signWith(bo, channel, await good(), { inboxId: own.inboxId });
  await sendBytes(channel, bytes);
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["senderNotInInbox"],
  });
});

test("security rule 1: a request to another own installation is not for this one", async () => {
  const third = await newInstallation(alix);
  const channel = await makeMarkedGroup(own);
  await sendSigned(own, channel, {
    kind: "request",
    request: await requestFor(third, stage.storage.url),
  });
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["notAddressedToThisInstallation"],
  });
});

test("security rule 1: a request from an installation that has announced itself as a backup is disregarded", async () => {
  const channel = await makeMarkedGroup(own);
  await sendSigned(own, channel, {
    kind: "contactBundle",
    contactRole: "backup",
    createdAtNs: 1n,
  });
  await sendSigned(own, channel, await good());
  expect(await whatArrives()).toEqual({
    shown: 0,
    reasons: ["senderIsBackupInstallation"],
  });
});
