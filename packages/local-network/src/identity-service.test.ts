import { clone } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import {
  createInstallation,
  createPasskey,
  createWallet,
  identityUpdate,
  inboxIdOf,
  type TestAction,
  type TestSigner,
} from "./fixtures/identity.js";
import { clientsOf, startNetwork, transportTo } from "./fixtures/network.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import { IdentityUpdateSchema } from "./gen/xmtp/identity/associations/association_pb.js";
import { grpcCodeName } from "./grpc-code.js";

type Identity = ReturnType<typeof clientsOf>["identity"];

const connect = async (directory?: string): Promise<Identity> =>
  clientsOf(
    transportTo(
      await startNetwork(directory === undefined ? {} : { directory }),
    ),
  ).identity;

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    return `${grpcCodeName(code)}: ${rawMessage}`;
  }
}

const publish = async (
  identity: Identity,
  inboxId: string,
  ...actions: TestAction[]
) =>
  outcomeOf(
    identity.publishIdentityUpdate({
      identityUpdate: await identityUpdate(inboxId, ...actions),
    }),
  );

async function inboxOf(
  identity: Identity,
  ...signers: TestSigner[]
): Promise<(string | undefined)[]> {
  const { responses } = await identity.getInboxIds({
    requests: signers.map(({ member }) => ({ identifier: member.text })),
  });
  expect(responses.map(({ identifier }) => identifier)).toEqual(
    signers.map(({ member }) => member.text),
  );
  return responses.map(({ inboxId }) => inboxId);
}

/** An inbox with a wallet and one installation. */
async function createInbox(identity: Identity) {
  const owner = createWallet();
  const installation = createInstallation();
  const inboxId = inboxIdOf(owner);
  expect(
    await publish(
      identity,
      inboxId,
      { kind: "create", owner },
      { kind: "add", by: owner, added: installation },
    ),
  ).toBe("ok");
  return { owner, installation, inboxId };
}

test("an inbox is found by its addresses as long as they belong to it", async () => {
  const identity = await connect();
  const { owner, installation, inboxId } = await createInbox(identity);
  const second = createWallet();
  expect(
    await publish(identity, inboxId, {
      kind: "add",
      by: installation,
      added: second,
    }),
  ).toBe("ok");
  expect(await inboxOf(identity, second, createWallet(), owner)).toEqual([
    inboxId,
    undefined,
    inboxId,
  ]);
  expect(
    await publish(identity, inboxId, {
      kind: "revoke",
      by: owner,
      revoked: second,
    }),
  ).toBe("ok");
  expect(await inboxOf(identity, second, owner)).toEqual([undefined, inboxId]);
  expect(
    await publish(identity, inboxId, { kind: "add", by: owner, added: second }),
  ).toBe("ok");
  expect(await inboxOf(identity, second)).toEqual([inboxId]);
});

test("updates are given out in order, behind what the client has", async () => {
  const identity = await connect();
  const { owner, inboxId } = await createInbox(identity);
  await createInbox(identity);
  await publish(identity, inboxId, {
    kind: "add",
    by: owner,
    added: createInstallation(),
  });
  const unknown = "00".repeat(32);
  const { responses } = await identity.getIdentityUpdates({
    requests: [{ inboxId: unknown }, { inboxId }, { inboxId, sequenceId: 1n }],
  });
  expect(
    responses.map(({ inboxId: id, updates }) => [
      id,
      updates.map(({ sequenceId }) => sequenceId),
    ]),
  ).toEqual([
    [unknown, []],
    [inboxId, [1n, 3n]],
    [inboxId, [3n]],
  ]);
  expect(
    responses[1]?.updates[0]?.update?.actions.map(({ kind }) => kind.case),
  ).toEqual(["createInbox", "add"]);
  expect(responses[1]?.updates[0]?.serverTimestampNs).toBeGreaterThan(0n);
});

test("a passkey can own an inbox and add to it", async () => {
  const identity = await connect();
  const owner = createPasskey();
  expect(
    await publish(
      identity,
      inboxIdOf(owner),
      { kind: "create", owner },
      { kind: "add", by: owner, added: createInstallation() },
    ),
  ).toBe("ok");
});

test("a changed recovery identifier may revoke; the one before it may not any more", async () => {
  const identity = await connect();
  const { owner, installation, inboxId } = await createInbox(identity);
  const recovery = createWallet();
  expect(
    await publish(identity, inboxId, {
      kind: "changeRecovery",
      by: owner,
      recovery,
    }),
  ).toBe("ok");
  expect(
    await publish(identity, inboxId, {
      kind: "revoke",
      by: owner,
      revoked: installation,
    }),
  ).toBe("invalidArgument: only the recovery identifier may do this");
  expect(
    await publish(identity, inboxId, {
      kind: "revoke",
      by: recovery,
      revoked: installation,
    }),
  ).toBe("ok");
});

test("revoking a wallet takes the installations with it that it added", async () => {
  const identity = await connect();
  const { owner, installation, inboxId } = await createInbox(identity);
  const second = createWallet();
  const ofSecond = createInstallation();
  await publish(identity, inboxId, { kind: "add", by: owner, added: second });
  await publish(identity, inboxId, {
    kind: "add",
    by: second,
    added: ofSecond,
  });
  await publish(identity, inboxId, {
    kind: "revoke",
    by: owner,
    revoked: second,
  });
  expect(
    await publish(identity, inboxId, {
      kind: "add",
      by: ofSecond,
      added: createWallet(),
    }),
  ).toBe("invalidArgument: missing existing member");
  expect(
    await publish(identity, inboxId, {
      kind: "add",
      by: installation,
      added: createWallet(),
    }),
  ).toBe("ok");
});

type Inbox = Awaited<ReturnType<typeof createInbox>>;

test.each<[string, string, (inbox: Inbox) => TestAction[]]>([
  [
    "creating it again",
    "the inbox was created before",
    ({ owner }) => [{ kind: "create", owner }],
  ],
  [
    "an addition by a stranger",
    "missing existing member",
    () => [{ kind: "add", by: createWallet(), added: createInstallation() }],
  ],
  [
    "an addition that the new member did not sign",
    "the new member did not sign",
    ({ owner }) => [
      {
        kind: "add",
        by: owner,
        added: createInstallation(),
        signer: createInstallation(),
      },
    ],
  ],
  [
    "adding oneself",
    "a member cannot add itself",
    ({ owner }) => [{ kind: "add", by: owner, added: owner }],
  ],
  [
    "an installation that adds an installation",
    "an installation cannot add an installation",
    ({ installation }) => [
      { kind: "add", by: installation, added: createInstallation() },
    ],
  ],
  [
    "a revocation by an installation",
    "only the recovery identifier may do this",
    ({ owner, installation }) => [
      { kind: "revoke", by: installation, revoked: owner },
    ],
  ],
  [
    "a revocation by a stranger",
    "only the recovery identifier may do this",
    ({ installation }) => [
      { kind: "revoke", by: createWallet(), revoked: installation },
    ],
  ],
  [
    "a recovery change by a stranger",
    "only the recovery identifier may do this",
    () => [
      { kind: "changeRecovery", by: createWallet(), recovery: createWallet() },
    ],
  ],
])("refuses %s, and nothing of it is kept", async (_, refusal, actions) => {
  const identity = await connect();
  const inbox = await createInbox(identity);
  const good: TestAction = {
    kind: "add",
    by: inbox.owner,
    added: createWallet(),
  };
  expect(await publish(identity, inbox.inboxId, good, ...actions(inbox))).toBe(
    `invalidArgument: ${refusal}`,
  );
  expect(await inboxOf(identity, good.added)).toEqual([undefined]);
  const { responses } = await identity.getIdentityUpdates({
    requests: [{ inboxId: inbox.inboxId }],
  });
  expect(responses[0]?.updates.length).toBe(1);
});

test("an inbox begins with its creation, under the id that follows from its owner", async () => {
  const identity = await connect();
  const owner = createWallet();
  const inboxId = inboxIdOf(owner);
  expect(
    await publish(identity, inboxId, {
      kind: "add",
      by: owner,
      added: createInstallation(),
    }),
  ).toBe("invalidArgument: the inbox was not created yet");
  expect(await publish(identity, inboxId)).toBe(
    "invalidArgument: the inbox was not created yet",
  );
  expect(
    await publish(identity, inboxIdOf(owner, 1), { kind: "create", owner }),
  ).toBe("invalidArgument: wrong inbox id");
  expect(
    await publish(identity, inboxId, {
      kind: "create",
      owner,
      signer: createWallet(),
    }),
  ).toBe("invalidArgument: the inbox is not created by its owner");
});

test("a signature counts once, for its own text", async () => {
  const identity = await connect();
  const { owner, inboxId } = await createInbox(identity);
  const update = await identityUpdate(inboxId, {
    kind: "add",
    by: owner,
    added: createWallet(),
  });
  const altered = clone(IdentityUpdateSchema, update);
  altered.clientTimestampNs += 60_000_000_000n;
  expect(
    await outcomeOf(
      identity.publishIdentityUpdate({ identityUpdate: altered }),
    ),
  ).toMatch(/^invalidArgument: /);
  expect(
    await outcomeOf(identity.publishIdentityUpdate({ identityUpdate: update })),
  ).toBe("ok");
  expect(
    await outcomeOf(identity.publishIdentityUpdate({ identityUpdate: update })),
  ).toBe("invalidArgument: replayed signature");
});

test.each<[string, TestSigner["sign"] | undefined, RegExp]>([
  ["no signature", undefined, /signature is missing/],
  [
    "a short Ethereum signature",
    async () => ({
      signature: { case: "erc191", value: { bytes: Buffer.alloc(64) } },
    }),
    /65 bytes/,
  ],
  [
    "an Ethereum signature of zeros",
    async () => ({
      signature: { case: "erc191", value: { bytes: Buffer.alloc(65) } },
    }),
    /not valid/,
  ],
  [
    "an Ethereum signature in its high form",
    async (text) => highForm(text),
    /low form/,
  ],
  [
    "an installation signature of zeros",
    async () => ({
      signature: {
        case: "installationKey",
        value: { bytes: Buffer.alloc(64), publicKey: Buffer.alloc(32, 1) },
      },
    }),
    /not valid/,
  ],
  [
    "a short installation key",
    async () => ({
      signature: {
        case: "installationKey",
        value: { bytes: Buffer.alloc(64), publicKey: Buffer.alloc(3) },
      },
    }),
    /not valid/,
  ],
  [
    "a passkey that signed another text",
    (text) => createPasskey().sign(`${text}.`),
    /another text/,
  ],
  [
    "a passkey without client data",
    async () => ({ signature: { case: "passkey", value: {} } }),
    /not JSON/,
  ],
  [
    "a smart contract wallet",
    async () => ({
      signature: { case: "erc6492", value: { accountId: "eip155:1:0x1" } },
    }),
    /no chain/,
  ],
  [
    "a key of XMTP V2",
    async () => ({ signature: { case: "delegatedErc191", value: {} } }),
    /XMTP V2/,
  ],
])("refuses %s", async (_, sign, refusal) => {
  const identity = await connect();
  const owner = createWallet();
  const signer: TestSigner = { ...owner, sign: sign ?? (async () => ({})) };
  expect(
    await publish(identity, inboxIdOf(owner), {
      kind: "create",
      owner: signer,
    }),
  ).toMatch(new RegExp(`^invalidArgument: .*${refusal.source}`));
});

async function highForm(text: string) {
  const order =
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const { signature } = await createWallet().sign(text);
  const bytes = Buffer.from(
    signature?.case === "erc191" ? (signature.value.bytes ?? []) : [],
  );
  const s = order - BigInt(`0x${bytes.subarray(32, 64).toString("hex")}`);
  bytes.write(s.toString(16).padStart(64, "0"), 32, "hex");
  bytes[64] = bytes[64] === 27 ? 28 : 27;
  return { signature: { case: "erc191" as const, value: { bytes } } };
}

test("what the real node answers with a plain error is unknown", async () => {
  const identity = await connect();
  expect(await outcomeOf(identity.publishIdentityUpdate({}))).toBe(
    "unknown: IdentityUpdate is required",
  );
  expect(
    await outcomeOf(
      identity.publishIdentityUpdate({ identityUpdate: { inboxId: "no hex" } }),
    ),
  ).toMatch(/^unknown: /);
  expect(
    await outcomeOf(
      identity.getIdentityUpdates({ requests: [{ inboxId: "abc" }] }),
    ),
  ).toMatch(/^unknown: /);
});

test("an inbox takes 256 updates and not one more", async () => {
  const identity = await connect();
  const { owner, inboxId } = await createInbox(identity);
  for (let count = 1; count < 256; count += 1)
    expect(
      await publish(identity, inboxId, {
        kind: "changeRecovery",
        by: owner,
        recovery: owner,
      }),
    ).toBe("ok");
  expect(
    await publish(identity, inboxId, {
      kind: "changeRecovery",
      by: owner,
      recovery: owner,
    }),
  ).toBe("unknown: inbox log is full");
});

test("after a restart the rules go on where they were", async () => {
  const directory = temporaryDirectory();
  const network = await startNetwork({ directory });
  const before = clientsOf(transportTo(network)).identity;
  const { owner, installation, inboxId } = await createInbox(before);
  await publish(before, inboxId, {
    kind: "revoke",
    by: owner,
    revoked: installation,
  });
  const update = await identityUpdate(inboxId, {
    kind: "add",
    by: owner,
    added: createWallet(),
  });
  await before.publishIdentityUpdate({ identityUpdate: update });
  await network.close();

  const after = await connect(directory);
  expect(await inboxOf(after, owner)).toEqual([inboxId]);
  expect(
    await outcomeOf(after.publishIdentityUpdate({ identityUpdate: update })),
  ).toBe("invalidArgument: replayed signature");
  expect(
    await publish(after, inboxId, {
      kind: "add",
      by: installation,
      added: createWallet(),
    }),
  ).toBe("invalidArgument: missing existing member");
  expect(
    await publish(after, inboxId, {
      kind: "add",
      by: owner,
      added: installation,
    }),
  ).toBe("ok");
});

test("smart contract wallets cannot be verified, and the answer says so", async () => {
  const identity = await connect();
  const { responses } = await identity.verifySmartContractWalletSignatures({
    signatures: [{}, {}],
  });
  expect(responses.map(({ isValid, error }) => [isValid, error])).toEqual([
    [false, "the local network is not connected to a chain"],
    [false, "the local network is not connected to a chain"],
  ]);
});
