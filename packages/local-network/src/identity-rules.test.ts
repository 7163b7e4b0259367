import { clone } from "@bufbuild/protobuf";
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
import { IdentityUpdateSchema } from "./gen/xmtp/identity/associations/association_pb.js";
import {
  connect,
  createInbox,
  inboxOf,
  outcomeOf,
  publish,
} from "./fixtures/identity-calls.js";

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
