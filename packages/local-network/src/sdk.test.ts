import {
  Client,
  type DecodedMessage,
  type IdentifierKind,
  type Signer,
} from "@xmtp/node-sdk";
import { join } from "node:path";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "./fixtures/eventually.js";
import { startNetwork } from "./fixtures/network.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import { type LocalNetwork } from "./local-network.js";

// A value of the SDK's ambient const enum.
const ethereum: IdentifierKind = 0;

function createSigner(): Signer {
  const account = privateKeyToAccount(generatePrivateKey());
  return {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: ethereum,
    }),
    signMessage: async (message) =>
      hexToBytes(await account.signMessage({ message })),
  };
}

/** Makes clients with databases of their own. */
function createClients(apiUrl: () => string) {
  const directory = temporaryDirectory();
  let count = 0;
  return async (
    signer: Signer,
    dbPath = join(directory, `${(count += 1)}.db3`),
  ) => {
    const client = await Client.create(signer, {
      env: "local",
      apiUrl: apiUrl(),
      dbPath,
      disableDeviceSync: true,
    });
    return Object.assign(client, { dbPath });
  };
}

async function start() {
  const network = await startNetwork();
  return { network, createClient: createClients(() => network.grpcUrl) };
}

const textsIn = (messages: readonly DecodedMessage[]) =>
  messages
    .map(({ content }) => content)
    .filter((content) => typeof content === "string");

/** Collects the texts that a client gets live. */
async function streamTexts(client: Client): Promise<string[]> {
  const texts: string[] = [];
  const stream = await client.conversations.streamAllMessages({
    onValue: ({ content }) => {
      if (typeof content === "string") texts.push(content);
    },
  });
  onTestFinished(async () => void (await stream.end()));
  return texts;
}

async function conversationOf(client: Client, id: string) {
  await client.conversations.syncAll();
  const conversation = await client.conversations.getConversationById(id);
  if (conversation === undefined)
    throw new Error("the conversation is not there");
  return conversation;
}

test("a wallet registers through localhost, and its inbox is found by its address", async () => {
  const network = await startNetwork();
  const createClient = createClients(() =>
    network.grpcUrl.replace("127.0.0.1", "localhost"),
  );
  const signer = createSigner();
  const client = await createClient(signer);
  expect(client.isRegistered).toBe(true);
  expect(
    await client.fetchInboxIdByIdentifier(await signer.getIdentifier()),
  ).toBe(client.inboxId);
  const state = await client.preferences.fetchInboxState();
  expect(state.installations.map(({ id }) => id)).toEqual([
    client.installationId,
  ]);
  expect(
    network.calls.count({
      method: "PublishIdentityUpdate",
      inboxId: client.inboxId,
      outcome: "ok",
    }),
  ).toBe(1);
});

test("group and direct messages go both ways, live", async () => {
  const { createClient } = await start();
  const alix = await createClient(createSigner());
  const bo = await createClient(createSigner());
  const atAlix = await streamTexts(alix);
  const atBo = await streamTexts(bo);
  const group = await alix.conversations.createGroup([bo.inboxId]);
  await group.sendText("to the group");
  await eventually(() => atBo).toEqual(["to the group"]);
  const groupAtBo = await conversationOf(bo, group.id);
  await groupAtBo.sendText("back to the group");
  const dm = await bo.conversations.createDm(alix.inboxId);
  await dm.sendText("to Alix");
  await eventually(() => atAlix).toEqual([
    "to the group",
    "back to the group",
    "to Alix",
  ]);
  const dmAtAlix = await conversationOf(alix, dm.id);
  await dmAtAlix.sendText("to Bo");
  await eventually(() => atBo).toEqual([
    "to the group",
    "back to the group",
    "to Alix",
    "to Bo",
  ]);
  expect(textsIn(await group.messages())).toEqual([
    "to the group",
    "back to the group",
  ]);
});

test("a message of 1 MB arrives whole", async () => {
  const { createClient } = await start();
  const alix = await createClient(createSigner());
  const bo = await createClient(createSigner());
  const dm = await alix.conversations.createDm(bo.inboxId);
  const text = "é".repeat(500_000);
  await dm.sendText(text);
  const atBo = await conversationOf(bo, dm.id);
  expect(textsIn(await atBo.messages())).toEqual([text]);
});

test("250 messages reach a client that was away, in order", async () => {
  const { network, createClient } = await start();
  const signer = createSigner();
  const alix = await createClient(createSigner());
  const bo = await createClient(signer);
  const group = await alix.conversations.createGroup([bo.inboxId]);
  await bo.conversations.syncAll();
  await bo.close();
  const texts = Array.from({ length: 250 }, (_, at) => `message ${at}`);
  for (const text of texts) await group.sendText(text);
  const back = await createClient(signer, bo.dbPath);
  network.calls.clear();
  const atBo = await conversationOf(back, group.id);
  expect(textsIn(await atBo.messages())).toEqual(texts);
  expect(
    network.calls.count({ method: "QueryGroupMessages", groupId: group.id }),
  ).toBeGreaterThanOrEqual(3);
});

test("110 conversations reach a client that was away", async () => {
  const { createClient } = await start();
  const signer = createSigner();
  const alix = await createClient(createSigner());
  const bo = await createClient(signer);
  await bo.close();
  const ids = new Set<string>();
  while (ids.size < 110)
    ids.add((await alix.conversations.createGroup([bo.inboxId])).id);
  const back = await createClient(signer, bo.dbPath);
  await back.conversations.syncAll();
  const found = (await back.conversations.list()).map(({ id }) => id);
  expect(new Set(found)).toEqual(ids);
});

test("a new installation reaches the older one through a group with nobody else in it", async () => {
  const { createClient } = await start();
  const signer = createSigner();
  const old = await createClient(signer);
  const atOld = await streamTexts(old);
  const fresh = await createClient(signer);
  expect(fresh.inboxId).toBe(old.inboxId);
  expect(fresh.installationId).not.toBe(old.installationId);
  const self = await fresh.conversations.createGroup([]);
  await self.sendText("to myself");
  await eventually(() => atOld).toEqual(["to myself"]);
  const members = await (await conversationOf(old, self.id)).members();
  expect(members.map(({ inboxId }) => inboxId)).toEqual([old.inboxId]);
  expect(new Set(members[0]?.installationIds)).toEqual(
    new Set([old.installationId, fresh.installationId]),
  );
});

test("the call log tells whose key package came", async () => {
  const { network, createClient } = await start();
  const alix = await createClient(createSigner());
  const bo = await createClient(createSigner());
  for (const { installationId } of [alix, bo])
    expect(
      network.calls.list({ method: "UploadKeyPackage", installationId }),
    ).toMatchObject([{ outcome: "ok", installationIds: [installationId] }]);
});

test("a revoked installation is gone from what the network says", async () => {
  const { createClient } = await start();
  const signer = createSigner();
  const old = await createClient(signer);
  const fresh = await createClient(signer);
  const installations = async (client: Client) =>
    (await client.preferences.fetchInboxState()).installations.map(
      ({ id }) => id,
    );
  expect((await installations(old)).length).toBe(2);
  await fresh.revokeInstallations([old.installationIdBytes]);
  expect(await installations(old)).toEqual([fresh.installationId]);
  expect(await installations(fresh)).toEqual([fresh.installationId]);
});

test("after a restart from its directory, clients go on: old messages, new ones, and streams", async () => {
  const directory = temporaryDirectory();
  let network: LocalNetwork = await startNetwork({ directory });
  const ports = {
    grpcPort: Number(new URL(network.grpcUrl).port),
    grpcWebPort: 0,
  };
  const createClient = createClients(() => network.grpcUrl);
  const alix = await createClient(createSigner());
  const bo = await createClient(createSigner());
  const group = await alix.conversations.createGroup([bo.inboxId]);
  await group.sendText("before");
  const atBo: string[] = [];
  const stream = await bo.conversations.streamAllMessages({
    retryDelay: 50,
    retryAttempts: 100,
    onValue: ({ content }) => {
      if (typeof content === "string") atBo.push(content);
    },
  });
  await network.close();

  network = await startNetwork({ directory, ...ports });
  await eventually(() =>
    network.calls.count({
      method: "SubscribeGroupMessages",
      groupId: group.id,
      outcome: "open",
    }),
  ).toBeGreaterThan(0);
  await group.sendText("after");
  await eventually(() => atBo).toContain("after");
  expect(
    textsIn(await (await conversationOf(bo, group.id)).messages()),
  ).toEqual(["before", "after"]);
  const caro = await createClient(createSigner());
  await group.addMembers([caro.inboxId]);
  await group.sendText("to three");
  expect(
    textsIn(await (await conversationOf(caro, group.id)).messages()),
  ).toEqual(["to three"]);
  await stream.end();
});

test("while the network is unreachable sending fails, and afterwards it works", async () => {
  const { network, createClient } = await start();
  const alix = await createClient(createSigner());
  const bo = await createClient(createSigner());
  const group = await alix.conversations.createGroup([bo.inboxId]);
  network.faults.setReachability("unreachable");
  await expect(bo.preferences.fetchInboxState()).rejects.toThrow();
  network.faults.setReachability("reachable");
  expect((await bo.preferences.fetchInboxState()).inboxId).toBe(bo.inboxId);
  await group.sendText("hello");
  expect(
    textsIn(await (await conversationOf(bo, group.id)).messages()),
  ).toEqual(["hello"]);
});
