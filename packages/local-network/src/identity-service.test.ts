import { expect, test } from "vitest";
import {
  createInstallation,
  createPasskey,
  createWallet,
  identityUpdate,
  inboxIdOf,
} from "./fixtures/identity.js";
import { clientsOf, startNetwork, transportTo } from "./fixtures/network.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import {
  connect,
  createInbox,
  inboxOf,
  outcomeOf,
  publish,
} from "./fixtures/identity-calls.js";

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
