import { expect, test } from "vitest";
import {
  type AccountWorld,
  conversation,
  createAccountWorld,
  elementsOf,
  errorOf,
  groupId,
  newGroupId,
  passphrase,
} from "../testing/account-fixture.js";
import { CarryoverError } from "../errors.js";
import { createContext, createPorts } from "../testing/engine-fixture.js";
import { inboxId, strangerInboxId } from "../testing/installations.js";
import { nobody } from "../testing/memory-accounts.js";
import { restoreFromFile } from "./restore-from-file.js";
import { restoreToArchive } from "./restore-to-archive.js";
import { verifyFile } from "./verify-file.js";

const dayNs = 86_400_000_000_000n;

/** A file that has one conversation from before, and one that came later; and a new phone with nothing. */
async function afterTheLoss(): Promise<AccountWorld> {
  const world = await createAccountWorld();
  await world.create();
  const { accounts, ports } = world;
  accounts.onOpen = ({ history, channels }) => {
    history.sync = async () => {
      ports.network.call("dormant:syncHistory");
      history.conversations = [conversation(groupId), conversation(newGroupId)];
      history.elements = [
        ...elementsOf(groupId, 1, 2, 3),
        ...elementsOf(newGroupId, 4),
      ];
    };
    channels.conversations.set(newGroupId, {
      kind: "group",
      callId: undefined,
      memberInboxIds: [inboxId, strangerInboxId],
      messages: [],
    });
  };
  const empty = createPorts();
  ports.history.conversations = [];
  ports.history.elements = [];
  ports.history.imported = [];
  const fresh = await createContext({
    ...empty,
    network: ports.network,
    installation: ports.installation,
  });
  world.context = {
    ...fresh,
    history: {
      ...empty.history,
      listConversations: async () =>
        [...empty.history.messageIds.keys()].map((id) =>
          conversation(id, { liveness: "inactive" }),
        ),
    },
  };
  ports.network.calls.length = 0;
  return world;
}

test("XIP-31, the six steps: everything comes, nothing is written to the network, and nothing is left", async () => {
  const world = await afterTheLoss();
  const { accounts, ports, place, flow, context, access } = world;
  const before = place.bytes;
  const report = await restoreFromFile(context, flow, access);
  expect(report.totals).toMatchObject({ conversations: 2, imported: 4 });
  expect(report).toMatchObject({
    fileState: "unchanged",
    file: { copy: "newest", missing: [] },
    waiting: [
      { conversationId: groupId, waitsFor: [] },
      { conversationId: newGroupId, waitsFor: [strangerInboxId] },
    ],
  });
  expect(place.bytes).toBe(before);
  expect(accounts.made[0]?.reaches).toEqual(["nothing"]);
  expect(ports.network.calls).toEqual([
    "fetchAccount",
    "open",
    "fetchKeyPackage",
    "dormant:syncHistory",
  ]);
  expect(accounts.openCount).toBe(0);
  expect([...ports.scratch.files]).toEqual([]);
  // The next time, too.
  const again = await restoreFromFile(context, flow, access);
  expect(again.totals).toMatchObject({ conversations: 2, imported: 0 });
});

test("whoever restores knows from then on which installation is a backup", async () => {
  const world = await afterTheLoss();
  await restoreFromFile(world.context, world.flow, world.access);
  expect(world.context.state.current().backupInstallations).toEqual([
    world.accounts.made[0]?.sample.installationId,
  ]);
});

test("with conversations made live, the file is replaced by one that knows of it", async () => {
  const world = await afterTheLoss();
  const before = world.place.bytes;
  world.ports.clock.ns += dayNs;
  const report = await restoreFromFile(world.context, world.flow, {
    ...world.access,
    conversations: "makeLive",
  });
  expect(report.fileState).toBe("replaced");
  expect(world.place.bytes).not.toEqual(before);
  expect(world.accounts.made[0]?.history.madeLive).toEqual(
    // From its creation it is in none itself; of what it has now it adds the new phone to each.
    [groupId, newGroupId],
  );
  expect(world.accounts.made[0]?.reaches).toEqual([
    "nothing",
    "nothing",
    "everything",
  ]);
  expect(world.accounts.openCount).toBe(0);
});

test("whoever makes conversations live has the file alone from the first, and is refused before anything is imported", async () => {
  const world = await afterTheLoss();
  const { accounts, ports } = world;
  const id = accounts.made[0]?.sample.installationId;
  const held: string[] = [];
  const released: string[] = [];
  const locking = (isTaken: boolean) => ({
    ...world.flow,
    lockRefreshes: async (installationId: string) => {
      if (isTaken) throw new CarryoverError("stateLocked", "taken");
      held.push(installationId);
      return {
        release: async () => {
          released.push(installationId);
        },
      };
    },
  });
  const restore = (isTaken: boolean, conversations?: "makeLive") =>
    restoreFromFile(world.context, locking(isTaken), {
      ...world.access,
      ...(conversations && { conversations }),
      onProgress: ({ phase }) => {
        if (phase === "importing" && conversations === "makeLive")
          expect([held, released]).toEqual([[id], []]);
      },
    });
  const before = world.place.bytes;
  expect((await errorOf(restore(true, "makeLive"))).code).toBe("stateLocked");
  expect(accounts.made[0]?.reaches).toEqual([]);
  expect([...ports.scratch.files]).toEqual([]);
  expect(world.place.bytes).toBe(before);
  // To read needs no lock, whoever has it.
  expect((await restore(true)).totals.imported).toBe(4);
  expect((await restore(false, "makeLive")).fileState).toBe("replaced");
  expect([held, released]).toEqual([[id], [id]]);
});

test.each(["open", "fetchKeyPackage", "dormant:syncHistory"])(
  "a network that is away at %s changes nothing here, and leaves nothing",
  async (step) => {
    const world = await afterTheLoss();
    const { network, scratch } = world.ports;
    network.isDown = (name) => name === step;
    const error = await errorOf(
      restoreFromFile(world.context, world.flow, world.access),
    );
    expect(error.code).toBe("networkUnavailable");
    expect(world.accounts.openCount).toBe(0);
    expect([...scratch.files]).toEqual([]);
    expect(world.context.state.current().fileImports).toEqual([]);
    network.isDown = () => false;
    const { totals } = await restoreFromFile(
      world.context,
      world.flow,
      world.access,
    );
    expect(totals.imported).toBe(4);
  },
);

test("an import that breaks off leaves no file, and the next try reports what the first would have", async () => {
  const world = await afterTheLoss();
  const { context } = world;
  const { history } = context;
  let calls = 0;
  context.history = {
    ...history,
    importArchive: async (...args) => {
      calls += 1;
      await history.importArchive(...args);
      throw new Error("the process dies");
    },
  };
  await restoreFromFile(context, world.flow, world.access).catch(
    () => undefined,
  );
  expect(calls).toBe(1);
  expect([...world.ports.scratch.files]).toEqual([]);
  expect(context.state.current().fileImports).toHaveLength(1);
  context.history = history;
  const { totals } = await restoreFromFile(context, world.flow, world.access);
  expect(totals).toMatchObject({ imported: 4, alreadyThere: 0 });
  expect(context.state.current().fileImports).toEqual([]);
});

test.each<[string, (world: AccountWorld) => void, string[]]>([
  [
    "accountFileOfAnotherEnvironment",
    ({ accounts }) => (accounts.environment = "production"),
    [],
  ],
  [
    "accountFileOfAnotherAccount",
    ({ context }) =>
      (context.installation = {
        ...context.installation,
        inboxId: strangerInboxId,
      }),
    [],
  ],
  [
    "accountFileFromNewerLibrary",
    ({ accounts }) => (accounts.libraryVersion = "1.10.9"),
    [],
  ],
  [
    "accountFileRevoked",
    ({ ports }) => void ports.network.installations.pop(),
    ["fetchAccount"],
  ],
])("%s: the database is not even looked at", async (code, change, calls) => {
  const world = await afterTheLoss();
  change(world);
  const error = await errorOf(
    restoreFromFile(world.context, world.flow, world.access),
  );
  expect(error.code).toBe(code);
  expect(world.ports.network.calls).toEqual(calls);
  expect(world.accounts.openCount).toBe(0);
});

test("a database that the header lies about is refused", async () => {
  const world = await afterTheLoss();
  const { dormantInstallations } = world.flow;
  for (const lie of [
    { installationId: nobody },
    { inboxId: strangerInboxId },
  ]) {
    const lying = {
      ...dormantInstallations,
      open: async (...args: Parameters<typeof dormantInstallations.open>) => {
        const dormant = await dormantInstallations.open(...args);
        return {
          ...dormant,
          installation: { ...dormant.installation, ...lie },
        };
      },
    };
    const error = await errorOf(
      restoreFromFile(
        world.context,
        { ...world.flow, dormantInstallations: lying },
        world.access,
      ),
    );
    expect(error.code).toBe("accountFileDatabaseRefused");
    expect(world.accounts.openCount).toBe(0);
  }
});

test.each([
  ["1.10.0", "accountFileFromOlderLibrary"],
  ["1.11.0", "accountFileDatabaseRefused"],
])("a database of version %s that does not open: %s", async (version, code) => {
  const world = await createAccountWorld();
  world.accounts.libraryVersion = version;
  await world.create();
  world.accounts.libraryVersion = "1.11.0";
  const { CarryoverError } = await import("../errors.js");
  world.accounts.refuseDatabase = () => {
    throw new CarryoverError("accountFileDatabaseRefused", "no");
  };
  const error = await errorOf(
    restoreFromFile(world.context, world.flow, world.access),
  );
  expect(error.code).toBe(code);
});

test("what time has taken is said exactly", async () => {
  const world = await afterTheLoss();
  const { clock } = world.ports;
  const { refreshedAtMs, keyPackageExpiresAtMs } = (
    await verifyFile(world.flow, world.access)
  ).file.summary;
  const ns = (ms: number) => BigInt(ms) * 1_000_000n;
  clock.ns += 30n * dayNs;
  const { file } = await restoreFromFile(
    world.context,
    world.flow,
    world.access,
  );
  expect(file.missing).toEqual([
    {
      kind: "messages",
      reason: "beyondRetention",
      fromNs: ns(refreshedAtMs),
      untilNs: clock.ns - 30n * dayNs,
    },
  ]);
  clock.ns += 54n * dayNs;
  const later = await restoreFromFile(world.context, world.flow, world.access);
  expect(later.file.missing[1]).toEqual({
    kind: "newConversations",
    reason: "keyPackageExpired",
    fromNs: ns(keyPackageExpiresAtMs),
  });
  clock.ns -= 84n * dayNs;
  world.accounts.keyPackages.clear();
  const gone = await restoreFromFile(world.context, world.flow, world.access);
  expect(gone.file.missing).toEqual([
    {
      kind: "newConversations",
      reason: "keyPackageMissing",
      fromNs: ns(refreshedAtMs),
    },
  ]);
});

test("a wrong passphrase opens nothing", async () => {
  const world = await afterTheLoss();
  const error = await errorOf(
    restoreFromFile(world.context, world.flow, {
      file: world.place,
      secret: { kind: "passphrase", passphrase: `${passphrase}!` },
    }),
  );
  expect(error.code).toBe("wrongPassphrase");
  expect(world.ports.network.calls).toEqual([]);
});

test("a file that was cut or changed anywhere never reaches the library", async () => {
  const world = await afterTheLoss();
  const whole = world.place.bytes ?? new Uint8Array();
  const outcomes = new Set<string>();
  for (let at = 0; at < whole.length; at += 4_001) {
    for (const bytes of [
      whole.subarray(0, at),
      whole.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    ]) {
      world.place.bytes = bytes;
      outcomes.add(
        (
          await errorOf(
            restoreFromFile(world.context, world.flow, world.access),
          )
        ).code,
      );
    }
  }
  expect(world.ports.network.calls).not.toContain("open");
  expect(world.accounts.openCount).toBe(0);
  expect(outcomes).not.toContain("accountFileDatabaseRefused");
});

test("the restore drill counts what a restore brings, and leaves nothing anywhere", async () => {
  const world = await afterTheLoss();
  const before = world.place.bytes;
  const report = await verifyFile(world.flow, world.access);
  expect(report).toMatchObject({
    sizeBytes: before?.length,
    totals: { conversations: 2, messages: 4 },
    conversations: [
      { conversationId: groupId, sent: 3, imported: 3 },
      { conversationId: newGroupId, sent: 1, imported: 1 },
    ],
  });
  expect(world.place.bytes).toBe(before);
  expect(world.accounts.openCount).toBe(0);
  expect([...world.ports.scratch.files]).toEqual([]);
  expect(world.ports.network.calls).toEqual([
    "fetchAccount",
    "open",
    "fetchKeyPackage",
    "dormant:syncHistory",
    // It is never registered, and fetches nothing.
    "openThrowAway",
  ]);
});

test.each(["dormant:syncHistory", "openThrowAway"])(
  "a drill that fails at %s leaves nothing either",
  async (step) => {
    const world = await afterTheLoss();
    world.ports.network.isDown = (name) => name === step;
    expect((await errorOf(verifyFile(world.flow, world.access))).code).toBe(
      "networkUnavailable",
    );
    expect(world.accounts.openCount).toBe(0);
    expect([...world.ports.scratch.files]).toEqual([]);
  },
);

test("an archive for an app that imports by itself: the key is checked first, and nothing is left once it is let go", async () => {
  const world = await afterTheLoss();
  const short = { ...world.access, key: new Uint8Array(31) };
  expect((await errorOf(restoreToArchive(world.flow, short))).code).toBe(
    "invalidOption",
  );
  expect(world.ports.network.calls).toEqual([]);
  const restored = await restoreToArchive(world.flow, world.access);
  expect(restored).toMatchObject({ conversationCount: 2, messageCount: 4 });
  expect(world.accounts.openCount).toBe(0);
  const bytes = await new Response(await restored.openArchive()).arrayBuffer();
  expect(bytes.byteLength).toBeGreaterThan(100);
  await restored.dispose();
  expect([...world.ports.scratch.files]).toEqual([]);
});
