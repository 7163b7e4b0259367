import {
  encodePadlockMessagePayload,
  parseEnvelope,
} from "@carryover/protocol";
import { expect, test } from "vitest";
import {
  createAccountWorld,
  errorOf,
  groupId,
  passphrase,
} from "../testing/account-fixture.js";
import { CarryoverError } from "../errors.js";
import { inboxId, self } from "../testing/installations.js";
import { sampleSigner } from "../testing/memory-accounts.js";
import { startNs } from "../testing/memory-network.js";
import {
  createFileFromWallet,
  fetchUnfinishedFromWallet,
} from "./create-from-wallet.js";
import { confirmSavedOfWallet, noteUnfinished } from "./unfinished-notes.js";

test("everything is done in an order in which nothing is registered in vain", async () => {
  const world = await createAccountWorld();
  const { network } = world.ports;
  await world.create();
  expect(network.calls).toEqual([
    "fetchAccount",
    "make",
    "register",
    "registered",
    // The account's conversations know of it before it looks for messages.
    "addMissingInstallations",
    "dormant:syncHistory",
    "dormant:create",
    "dormant:send",
    "dormant:syncHistory",
    "fetchKeyPackage",
    "fetchAccount",
    "close",
  ]);
});

test("a place that cannot be written to is found before anything is registered", async () => {
  const world = await createAccountWorld();
  const error = await errorOf(
    world.create({
      file: {
        ...world.place,
        assertWritable: () =>
          Promise.reject(new CarryoverError("diskError", "read-only")),
      },
    }),
  );
  expect(error.code).toBe("diskError");
  expect(world.ports.network.calls).toEqual([]);
  expect(world.accounts.made).toEqual([]);
});

test("what is made: a file with the history so far, and an installation that says what it is", async () => {
  const world = await createAccountWorld();
  const { accounts, context, place, ports } = world;
  const made = await world.create();
  const [dormant] = accounts.made;
  const installationId = dormant?.sample.installationId ?? "";
  expect(made).toMatchObject({
    summary: { installationId, sequence: 1, environment: "test" },
    sizeBytes: place.bytes?.length,
    history: { conversationCount: 1, messageCount: 2, leftOut: [] },
    notJoined: [],
    budget: {
      installations: { used: 4, left: 6 },
      identityUpdates: { used: 4, left: 252 },
    },
  });
  expect(dormant?.history.messageIds.get(groupId)).toHaveLength(2);
  expect(ports.history.madeLive).toEqual([groupId]);
  const [announced] = dormant?.channels.sent ?? [];
  const envelope = parseEnvelope(
    announced?.message.content ?? new Uint8Array(),
  );
  expect(envelope.value.senderInstallationId).toBe(installationId);
  expect(envelope.value.payload).toEqual(
    encodePadlockMessagePayload({
      kind: "contactBundle",
      contactRole: "backup",
      createdAtNs: startNs,
    }),
  );
  expect(context.state.current()).toMatchObject({
    backupInstallations: [installationId],
    roleCertificates: [{ installationId }],
    unfinishedFiles: [],
  });
  expect(accounts.openCount, "databases left on the disk").toBe(0);
  expect([...ports.scratch.files], "temporary files").toEqual([]);
});

test("from now on: the file holds nothing of before", async () => {
  const world = await createAccountWorld();
  const made = await world.create({ history: "fromNowOn" });
  expect(made.history).toBeUndefined();
  expect(made.summary.seededAtMs).toBeUndefined();
  expect(world.accounts.made[0]?.history.imported).toEqual([]);
  expect(world.ports.history.exportCount).toBe(0);
});

test.each<
  [
    string,
    Parameters<Awaited<ReturnType<typeof createAccountWorld>>["create"]>[0],
  ]
>([
  [
    "passphraseInvalid",
    { protection: { kind: "passphrase", passphrase: "short" } },
  ],
  [
    "passphraseInvalid",
    { protection: { kind: "passphrase", passphrase: "aaaaaaaaaaaa" } },
  ],
  [
    "workFactorInvalid",
    { protection: { kind: "passphrase", passphrase, workFactor: 14 } },
  ],
  ["recipientInvalid", { protection: { kind: "recipients", recipients: [] } }],
  [
    "recipientInvalid",
    { protection: { kind: "recipients", recipients: ["age1nonsense"] } },
  ],
])("%s is found before anything is made", async (code, change) => {
  const world = await createAccountWorld();
  expect((await errorOf(world.create(change))).code).toBe(code);
  expect(world.ports.network.calls).toEqual([]);
});

test.each([
  ["address", (await sampleSigner.getIdentifier()).identifier],
  [
    "address in other letters",
    (await sampleSigner.getIdentifier()).identifier.toUpperCase().slice(2),
  ],
  ["inbox id", inboxId],
])(
  "the account's own %s is no passphrase, and that is found before anything is made",
  async (_what, passphrase) => {
    const world = await createAccountWorld();
    const error = await errorOf(
      world.create({ protection: { kind: "passphrase", passphrase } }),
    );
    expect(error.code).toBe("passphraseInvalid");
    expect(error.message).not.toContain(passphrase);
    expect(world.ports.network.calls).toEqual([]);
  },
);

test("a file that is there is not touched, unless told", async () => {
  const world = await createAccountWorld();
  const { place, ports } = world;
  place.bytes = Uint8Array.of(1);
  expect((await errorOf(world.create())).code).toBe("accountFileExists");
  expect(ports.network.calls).toEqual([]);
  expect(place.bytes).toEqual(Uint8Array.of(1));
  await world.create({ ifThere: "replace" });
  expect(place.bytes.length).toBeGreaterThan(1);
});

test("an account near the end of its budget is refused before anything is made", async () => {
  const world = await createAccountWorld();
  world.accounts.identityUpdatesUsed = 240;
  expect((await errorOf(world.create())).code).toBe("accountBudgetLow");
  world.accounts.identityUpdatesUsed = 239;
  await world.create();
  expect(
    world.ports.network.calls.filter((call) => call === "make"),
  ).toHaveLength(1);
});

test("an installation that was revoked makes no file", async () => {
  const world = await createAccountWorld();
  const { network } = world.ports;
  network.installations = network.installations.filter(
    ({ installationId }) => installationId !== self.installationId,
  );
  expect((await errorOf(world.create())).code).toBe("installationRevoked");
  expect(network.calls).toEqual(["fetchAccount"]);
});

test.each(["fetchAccount", "make", "register"])(
  "a network that is away at %s leaves nothing registered, and nothing to offer",
  async (step) => {
    const world = await createAccountWorld();
    const { network } = world.ports;
    network.isDown = (name) => name === step;
    expect(await errorOf(world.create())).toMatchObject({
      code: "networkUnavailable",
      installationId: undefined,
    });
    network.isDown = () => false;
    expect(network.installations).toHaveLength(3);
    expect(await world.files.fetchUnfinishedBackupAccountFiles()).toEqual([]);
    expect(world.context.state.current().unfinishedFiles).toEqual([]);
    expect(world.accounts.openCount).toBe(0);
    expect(world.place.bytes).toBeUndefined();
  },
);

test.each([
  "registered",
  "dormant:syncHistory",
  "dormant:create",
  "dormant:send",
  "fetchKeyPackage",
  "close",
])(
  "what fails at %s says that an installation is registered which no file holds",
  async (step) => {
    const world = await createAccountWorld();
    const { network } = world.ports;
    network.isDown = (name) => name === step;
    const { code, installationId } = await errorOf(world.create());
    expect(code).toBe("accountFileFailed");
    const dormant = world.accounts.made[0]?.sample.installationId;
    expect(installationId).toBe(dormant);
    network.isDown = () => false;
    expect(await world.files.fetchUnfinishedBackupAccountFiles()).toEqual([
      { installationId: dormant, startedAtNs: startNs, file: "notMade" },
    ]);
    // Whatever holds it: it never counts as a device that asks.
    expect(await world.files.listBackupInstallations()).toEqual([dormant]);
    expect(world.accounts.openCount).toBe(0);
    expect([...world.ports.scratch.files]).toEqual([]);
    expect(world.place.bytes).toBeUndefined();
  },
);

test("when the network is lost while it registers, the installation may be there, and is told of", async () => {
  const world = await createAccountWorld();
  const { network } = world.ports;
  network.isDown = (name) =>
    name === "register" ||
    (name === "fetchAccount" && network.calls.includes("register"));
  const error = await errorOf(world.create());
  expect(error).toMatchObject({
    code: "accountFileFailed",
    installationId: world.accounts.made[0]?.sample.installationId,
  });
  expect(world.context.state.current().unfinishedFiles).toHaveLength(1);
  // It was not, after all: nothing is offered that is not in the inbox.
  network.isDown = () => false;
  expect(await world.files.fetchUnfinishedBackupAccountFiles()).toEqual([]);
});

test("a file that is written is made, though the network is lost that moment", async () => {
  const world = await createAccountWorld();
  const { network } = world.ports;
  network.isDown = (name) =>
    name !== "close" && network.calls.includes("close");
  const made = await world.create();
  expect(made.sizeBytes).toBe(world.place.bytes?.length);
  expect(world.context.state.current().unfinishedFiles).toEqual([]);
});

test("a process that dies after it registered is known of by the next one", async () => {
  const world = await createAccountWorld();
  const { network } = world.ports;
  let known: unknown;
  network.isDown = (name) => {
    if (name === "register")
      known = structuredClone(world.context.state.current());
    return false;
  };
  await world.create();
  expect(known).toMatchObject({
    unfinishedFiles: [
      { installationId: world.accounts.made[0]?.sample.installationId },
    ],
    backupInstallations: [world.accounts.made[0]?.sample.installationId],
  });
});

test.each<[string, (written: Uint8Array) => Uint8Array]>([
  ["cut", (written) => written.subarray(0, -1)],
  [
    "changed",
    (written) =>
      written.map((byte, index) =>
        index === written.length - 5 ? byte ^ 1 : byte,
      ),
  ],
])(
  "a file that comes back %s from the disk does not take its place",
  async (_name, readBack) => {
    const world = await createAccountWorld();
    world.place.readBack = readBack;
    expect((await errorOf(world.create())).code).toBe("accountFileFailed");
    expect(world.place.bytes).toBeUndefined();
    expect(await world.files.fetchUnfinishedBackupAccountFiles()).toHaveLength(
      1,
    );
  },
);

test("a file for recipients, that cannot be opened here, is compared byte by byte", async () => {
  const world = await createAccountWorld();
  const recipients = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
  ];
  const protection = { kind: "recipients", recipients } as const;
  world.place.readBack = (written) =>
    written.map((byte, index) =>
      index === written.length - 5 ? byte ^ 1 : byte,
    );
  expect((await errorOf(world.create({ protection }))).code).toBe(
    "accountFileFailed",
  );
  world.place.readBack = (written) => written;
  await world.create({ protection });
  expect(world.place.bytes).toBeDefined();
});

test("somebody who puts a file there meanwhile keeps it", async () => {
  const world = await createAccountWorld();
  world.place.onMove = () => (world.place.bytes = Uint8Array.of(9));
  expect((await errorOf(world.create())).code).toBe("accountFileFailed");
  expect(world.place.bytes).toEqual(Uint8Array.of(9));
});

test("a file that is only in memory is told of until somebody says that it was saved", async () => {
  const world = await createAccountWorld();
  const { files } = world;
  const { summary } = await world.create({
    file: { ...world.place, lasts: "untilSaved" },
  });
  const { installationId } = summary;
  const unsaved = [
    { installationId, startedAtNs: startNs, file: "perhapsSaved" },
  ];
  expect(await files.fetchUnfinishedBackupAccountFiles()).toEqual(unsaved);
  await files.confirmBackupAccountFileSaved(self.installationId);
  expect(await files.fetchUnfinishedBackupAccountFiles()).toEqual(unsaved);
  for (let times = 0; times < 2; times += 1) {
    await files.confirmBackupAccountFileSaved(installationId);
    expect(world.context.state.current().unfinishedFiles).toEqual([]);
  }
});

test("nobody can have saved a file that was never made", async () => {
  const world = await createAccountWorld();
  const { files, ports } = world;
  ports.network.isDown = (name) => name === "close";
  const { installationId = "" } = await errorOf(
    world.create({ file: { ...world.place, lasts: "untilSaved" } }),
  );
  ports.network.isDown = () => false;
  await files.confirmBackupAccountFileSaved(installationId);
  expect(await files.fetchUnfinishedBackupAccountFiles()).toMatchObject([
    { installationId, file: "notMade" },
  ]);
});

test("what an earlier version noted has no file", async () => {
  const world = await createAccountWorld();
  const { installationId } = self;
  await world.context.state.update((draft) => {
    draft.unfinishedFiles.push({ installationId, startedAtNs: startNs });
  });
  expect(await world.files.fetchUnfinishedBackupAccountFiles()).toEqual([
    { installationId, startedAtNs: startNs, file: "notMade" },
  ]);
});

test("a wallet's file that is only in memory is told of until somebody says that it was saved", async () => {
  const { accounts, flow, journal, place } = await createAccountWorld();
  const make = async (lasts: { lasts?: "untilSaved" }) =>
    await createFileFromWallet(flow, {
      file: { ...place, ...lasts },
      ifThere: "replace",
      signer: sampleSigner,
      protection: { kind: "passphrase", passphrase },
    });
  await make({});
  expect(await fetchUnfinishedFromWallet(flow)).toEqual([]);
  const { summary } = await make({ lasts: "untilSaved" });
  const { inboxId, installationId } = summary;
  const unsaved = { inboxId, installationId, file: "perhapsSaved" };
  // Another one was begun, and never made.
  const begun = { inboxId, installationId: self.installationId };
  await noteUnfinished(journal, {
    ...begun,
    environment: accounts.environment,
    startedAtNs: startNs,
    file: "notMade",
  });
  const notMade = { ...begun, file: "notMade" };
  expect(await fetchUnfinishedFromWallet(flow)).toMatchObject([
    unsaved,
    notMade,
  ]);
  await confirmSavedOfWallet(journal, self.installationId);
  expect(await fetchUnfinishedFromWallet(flow)).toHaveLength(2);
  await confirmSavedOfWallet(journal, installationId);
  expect(await fetchUnfinishedFromWallet(flow)).toMatchObject([notMade]);
});

test("two calls at once make one file after the other", async () => {
  const world = await createAccountWorld();
  const both = await Promise.allSettled([world.create(), world.create()]);
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(world.accounts.made).toHaveLength(1);
});

test("a wallet alone makes a file of what comes from now on", async () => {
  const world = await createAccountWorld();
  const { flow, place, ports } = world;
  const made = await createFileFromWallet(flow, {
    file: place,
    signer: sampleSigner,
    protection: { kind: "passphrase", passphrase },
  });
  expect(made.history).toBeUndefined();
  expect(ports.network.calls.slice(0, 4)).toEqual([
    "findInbox",
    "fetchAccount",
    "make",
    "register",
  ]);
  world.accounts.findInbox = async () => undefined;
  expect(
    (
      await errorOf(
        createFileFromWallet(flow, {
          file: place,
          signer: sampleSigner,
          ifThere: "replace",
          protection: { kind: "passphrase", passphrase },
        }),
      )
    ).code,
  ).toBe("accountNotFound");
});
