import {
  type AccountFileProtection,
  measureDatabase,
  openBackupAccountFile,
  writeBackupAccountFile,
} from "@carryover/account-file";
import { expect, test } from "vitest";
import {
  type AccountWorld,
  conversation,
  createAccountWorld,
  errorOf,
  groupId,
  newGroupId,
} from "../testing/account-fixture.js";
import { CarryoverError } from "../errors.js";
import { createMemoryJournal } from "../testing/memory-storage.js";
import { refreshFile } from "./refresh-file.js";
import { verifyFile } from "./verify-file.js";

const dayNs = 86_400_000_000_000n;

/** A file that was made, and refreshed once: its key package is as new as it. */
async function withFile(days = 1n): Promise<AccountWorld> {
  const world = await createAccountWorld();
  await world.create();
  await refreshFile(world.flow, world.access);
  world.ports.clock.ns += days * dayNs;
  world.ports.network.calls.length = 0;
  return world;
}

const reachesOf = ({ accounts }: AccountWorld) => accounts.made[0]?.reaches;

test("the first refresh renews the key package, which was used before the file was put away", async () => {
  const world = await createAccountWorld();
  const { summary } = await world.create();
  world.ports.clock.ns += dayNs;
  const report = await refreshFile(world.flow, world.access);
  expect(report).toMatchObject({
    before: { copy: "newest", missing: [], summary },
    keyPackage: "renewed",
    summary: {
      sequence: 2,
      createdAtMs: summary.createdAtMs,
      seededAtMs: summary.seededAtMs,
    },
  });
  expect(report.summary.keyPackageExpiresAtMs).toBeGreaterThan(
    summary.keyPackageExpiresAtMs,
  );
  expect(report.summary.refreshedAtMs).toBeGreaterThan(summary.refreshedAtMs);
  expect(reachesOf(world)).toEqual(["nothing", "keyPackage"]);
  expect([...world.journal.notes]).toEqual([]);
  expect(world.accounts.openCount).toBe(0);
});

test("what it is in step with is the time before it fetched, not after", async () => {
  const world = await withFile();
  const { network, clock } = world.ports;
  const beforeNs = clock.ns;
  network.isDown = (name) => {
    if (name === "dormant:syncHistory") clock.ns += 3_600_000_000_000n;
    return false;
  };
  const { summary } = await refreshFile(world.flow, world.access);
  expect(summary.refreshedAtMs).toBe(Number(beforeNs / 1_000_000n));
  expect(summary.messagesKeptUntilMs).toBe(
    Number((beforeNs + 30n * dayNs) / 1_000_000n),
  );
});

test("a key package that is young is kept, until 30 days or a new conversation", async () => {
  const world = await withFile();
  world.accounts.renewal = "never";
  expect((await refreshFile(world.flow, world.access)).keyPackage).toBe("kept");
  world.ports.clock.ns += 28n * dayNs;
  expect((await refreshFile(world.flow, world.access)).keyPackage).toBe("kept");
  world.ports.clock.ns += dayNs;
  world.accounts.renewal = "prompt";
  expect((await refreshFile(world.flow, world.access)).keyPackage).toBe(
    "renewed",
  );
  world.ports.clock.ns += dayNs;
  const [dormant] = world.accounts.made;
  const { history } = dormant ?? {};
  if (history === undefined) throw new Error("no history");
  history.sync = async () => {
    history.conversations = [conversation(groupId), conversation(newGroupId)];
  };
  expect(await refreshFile(world.flow, world.access)).toMatchObject({
    keyPackage: "renewed",
    conversationCount: 2,
  });
});

test("a library that does not renew in time does not stop a refresh, and the file does not claim it", async () => {
  const world = await withFile(40n);
  world.accounts.renewal = "never";
  const before = world.accounts.keyPackages.values().next().value;
  const startedNs = world.ports.clock.ns;
  const report = await refreshFile(world.flow, world.access);
  expect(report.keyPackage).toBe("kept");
  expect(BigInt(report.summary.keyPackageExpiresAtMs) * 1_000_000n).toBe(
    before?.expiresAtNs,
  );
  expect(world.ports.clock.ns - startedNs).toBe(10_000_000_000n);
});

test("a copy of a file that was refreshed elsewhere is refused before it is let at the network", async () => {
  const world = await withFile();
  const copy = world.place.bytes;
  // On another machine: it has notes of its own.
  await refreshFile(
    { ...world.flow, journal: createMemoryJournal() },
    world.access,
  );
  const [newest, expires] = [
    world.place.bytes,
    structuredClone([...world.accounts.keyPackages]),
  ];
  world.place.bytes = copy;
  const reaches = reachesOf(world)?.length;
  expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
    "accountFileOlderCopy",
  );
  expect([...world.accounts.keyPackages]).toEqual(expires);
  expect(reachesOf(world)?.slice(reaches)).toEqual(["nothing"]);
  expect(world.place.bytes).toBe(copy);
  expect(world.accounts.openCount).toBe(0);
  const anyway = await refreshFile(world.flow, {
    ...world.access,
    olderCopy: "refreshAnyway",
  });
  expect(anyway.before).toMatchObject({
    copy: "olderCopy",
    missing: [{ kind: "newConversations", reason: "refreshedElsewhere" }],
  });
  expect(newest).toBeDefined();
});

test("an older copy is known by what was noted, also where the network shows nothing", async () => {
  const world = await withFile();
  world.accounts.renewal = "never";
  const copy = world.place.bytes;
  const { summary: known } = await refreshFile(world.flow, world.access);
  world.place.bytes = copy;
  expect((await refreshFile(world.flow, world.access)).before.copy).toBe(
    "newest",
  );
  world.place.bytes = copy;
  expect(
    (await errorOf(refreshFile(world.flow, { ...world.access, known }))).code,
  ).toBe("accountFileOlderCopy");
});

test.each([
  ["reopen:keyPackage", "nothing was renewed", "networkUnavailable"],
  ["close", "it was seen that it renewed", "accountFileNotReplaced"],
])(
  "a refresh that dies at %s (%s) keeps the older file, and is taken up again as its own",
  async (step, _, code) => {
    const world = await withFile(31n);
    const { network } = world.ports;
    const before = world.place.bytes;
    network.isDown = (name) => name === step;
    expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
      code,
    );
    expect(world.place.bytes).toBe(before);
    expect(world.accounts.openCount).toBe(0);
    network.isDown = () => false;
    // It may be hours until somebody tries again.
    world.ports.clock.ns += 3n * 3_600_000_000_000n;
    const again = await refreshFile(world.flow, world.access);
    expect(again.summary.sequence).toBe(3);
    expect([...world.journal.notes]).toEqual([]);
  },
);

test.each(["shows", "is gone and does not show"])(
  "when something fails after the library has renewed, and the network %s it, the renewed keys are in the file",
  async (network) => {
    const world = await withFile(31n);
    const { summary: before } = (await verifyFile(world.flow, world.access))
      .file;
    let isGone = false;
    world.ports.network.isDown = (name) => {
      if (name === "dormant:syncHistory") isGone = true;
      return network === "shows"
        ? name === "dormant:syncHistory"
        : isGone && name !== "close";
    };
    expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
      "networkUnavailable",
    );
    expect(world.accounts.openCount).toBe(0);
    world.ports.network.isDown = () => false;
    const saved = (await verifyFile(world.flow, world.access)).file;
    expect(saved.summary).toMatchObject({
      sequence: 3,
      refreshedAtMs: before.refreshedAtMs,
    });
    // Nothing is missing from it, and nobody takes it for an older copy.
    const again = await refreshFile(world.flow, world.access);
    expect(again.summary.sequence).toBe(4);
    expect([...world.journal.notes]).toEqual([]);
    expect(world.accounts.made[0]?.reaches.at(-1)).toBe("keyPackage");
  },
);

test("a network that is gone when the newer file is about to be written does not keep it from its place", async () => {
  const world = await withFile(31n);
  let isGone = false;
  // Once it was noted what the library has renewed.
  world.ports.network.isDown = (name) =>
    name === "fetchKeyPackage" &&
    (isGone = [...world.journal.notes.values()].some(
      (text) => !text.endsWith("-\n"),
    ));
  const { summary } = await refreshFile(world.flow, world.access);
  expect(isGone).toBe(true);
  expect(summary.sequence).toBe(3);
  world.ports.network.isDown = () => false;
  expect((await refreshFile(world.flow, world.access)).summary.sequence).toBe(
    4,
  );
});

test("a refresh that fails before anything was renewed leaves the file as it was", async () => {
  const world = await withFile(31n);
  world.accounts.renewal = "never";
  const before = world.place.bytes;
  world.ports.network.isDown = (name) => name === "dormant:syncHistory";
  expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
    "networkUnavailable",
  );
  expect(world.place.bytes).toBe(before);
});

test.each(["syncing", "renewingKeyPackage"] as const)(
  "stopped while it is %s, when the library has renewed: it is stopped once the renewed keys are in the file",
  async (phase) => {
    const world = await withFile(31n);
    const stop = new AbortController();
    const error = await errorOf(
      refreshFile(world.flow, {
        ...world.access,
        signal: stop.signal,
        onProgress: (progress) => {
          if (progress.phase === phase) stop.abort();
        },
      }),
    );
    expect(error.name).toBe("AbortError");
    expect(
      (await verifyFile(world.flow, world.access)).file.summary.sequence,
    ).toBe(3);
    expect(world.accounts.openCount).toBe(0);
  },
);

test("is not stopped any more once the newer file is written", async () => {
  const world = await withFile(31n);
  const stop = new AbortController();
  const { summary } = await refreshFile(world.flow, {
    ...world.access,
    signal: stop.signal,
    onProgress: ({ phase }) => {
      if (phase === "writingFile") stop.abort();
    },
  });
  expect(stop.signal.aborted).toBe(true);
  expect(summary.sequence).toBe(3);
});

test("a file that cannot be written keeps the old one, says what that means, and the next try knows its own work", async () => {
  const world = await withFile(31n);
  const before = world.place.bytes;
  world.place.readBack = (written) => written.subarray(0, -1);
  expect(await errorOf(refreshFile(world.flow, world.access))).toMatchObject({
    code: "accountFileNotReplaced",
    cause: { code: "truncated" },
  });
  expect(world.place.bytes).toBe(before);
  world.place.readBack = (written) => written;
  expect((await refreshFile(world.flow, world.access)).summary.sequence).toBe(
    3,
  );
});

test("there must be room for the newer file before the key package is renewed", async () => {
  const world = await withFile(31n);
  const asked: number[] = [];
  await refreshFile(world.flow, {
    ...world.access,
    file: {
      ...world.place,
      assertWritable: async (sizeBytes) => void asked.push(sizeBytes),
    },
  });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeGreaterThan(world.place.bytes?.length ?? Infinity);
});

test("when the newer file was only in memory and is lost, the older one opens, and is refreshed when told", async () => {
  const world = await withFile(31n);
  const file = Object.assign(world.place, { lasts: "untilSaved" } as const);
  const older = world.place.bytes;
  await refreshFile(world.flow, { ...world.access, file });
  expect(world.context.state.current().unfinishedFiles).toEqual([]);
  world.place.bytes = older;
  expect(
    (await verifyFile(world.flow, world.access)).file.summary.sequence,
  ).toBe(2);
  expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
    "accountFileOlderCopy",
  );
  const anyway = await refreshFile(world.flow, {
    ...world.access,
    olderCopy: "refreshAnyway",
  });
  expect(anyway.before.missing).toContainEqual(
    expect.objectContaining({
      kind: "newConversations",
      reason: "refreshedElsewhere",
    }),
  );
});

test("without the notes an interrupted refresh looks like one of another copy", async () => {
  const world = await withFile(31n);
  world.place.readBack = (written) => written.subarray(0, -1);
  await errorOf(refreshFile(world.flow, world.access));
  world.place.readBack = (written) => written;
  world.journal.notes.clear();
  expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
    "accountFileOlderCopy",
  );
});

test("the newer file is protected as the older one, or as told", async () => {
  const world = await withFile();
  const other = "quite another passphrase";
  await refreshFile(world.flow, {
    ...world.access,
    protection: { kind: "passphrase", passphrase: other },
  });
  expect((await errorOf(refreshFile(world.flow, world.access))).code).toBe(
    "wrongPassphrase",
  );
  await refreshFile(world.flow, {
    file: world.place,
    secret: { kind: "passphrase", passphrase: other },
  });
});

test("a secret that does not tell how to protect the newer file is found out about before anything changes", async () => {
  const world = await createAccountWorld();
  const identity =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
  const { identityToRecipient } = await import("age-encryption");
  await world.create({
    protection: {
      kind: "recipients",
      recipients: [await identityToRecipient(identity)],
    },
  });
  const secret = { kind: "identities", identities: [identity] } as const;
  const error = await errorOf(
    refreshFile(world.flow, { file: world.place, secret }),
  );
  expect(error.code).toBe("protectionRequired");
  expect(reachesOf(world)).toEqual(["nothing"]);
});

test("a place that cannot be written to is found before the key package is renewed", async () => {
  const world = await withFile(31n);
  const before = world.place.bytes;
  const reaches = reachesOf(world)?.length;
  const file = {
    ...world.place,
    assertWritable: () =>
      Promise.reject(new CarryoverError("diskError", "read-only")),
  };
  const error = await errorOf(
    refreshFile(world.flow, { ...world.access, file }),
  );
  expect(error.code).toBe("diskError");
  expect(reachesOf(world)?.slice(reaches)).toEqual(["nothing"]);
  expect([...world.journal.notes]).toEqual([]);
  expect(world.accounts.openCount).toBe(0);
  expect(world.place.bytes).toBe(before);
});

test.each(["passphrase", "recipients"] as const)(
  "a new protection by %s that cannot be is found out about before anything changes",
  async (kind) => {
    const world = await withFile(31n);
    const before = world.place.bytes;
    const reaches = reachesOf(world)?.length;
    const error = await errorOf(
      refreshFile(world.flow, {
        ...world.access,
        protection:
          kind === "passphrase"
            ? { kind, passphrase: "short" }
            : { kind, recipients: [] },
      }),
    );
    expect(error.code).toBe(
      kind === "passphrase" ? "passphraseInvalid" : "recipientInvalid",
    );
    expect(reachesOf(world)?.slice(reaches)).toEqual(["nothing"]);
    expect(world.place.bytes).toBe(before);
    expect(world.accounts.openCount).toBe(0);
  },
);

test("a weak passphrase that a file has already is kept; chosen anew it is refused", async () => {
  const world = await withFile();
  const weak = { kind: "passphrase", passphrase: "aaaaaaaaaaaa" } as const;
  await protectAnew(world, weak);
  const access = { ...world.access, secret: weak };
  const other = { kind: "passphrase", passphrase: "bbbbbbbbbbbb" } as const;
  const error = await errorOf(
    refreshFile(world.flow, { ...access, protection: other }),
  );
  expect(error.code).toBe("passphraseInvalid");
  // Said or not said: it is the same.
  for (const [sequence, same] of [
    [3, {}],
    [4, { protection: weak }],
  ] as const) {
    const { summary } = await refreshFile(world.flow, { ...access, ...same });
    expect(summary.sequence).toBe(sequence);
    await verifyFile(world.flow, access);
  }
});

/** The file in its place, as a program without the rule would have written it. */
async function protectAnew(
  { access, flow, place }: AccountWorld,
  protection: AccountFileProtection,
): Promise<void> {
  const ports = flow.accountFile;
  const read = async () =>
    await openBackupAccountFile({
      file: await place.open(),
      secret: access.secret,
      ports,
    });
  const measured = await measureDatabase((await read()).database, { ports });
  const { header, database } = await read();
  const { file } = writeBackupAccountFile({
    header,
    database,
    measured,
    protection,
    ports,
  });
  place.bytes = new Uint8Array(await new Response(file).arrayBuffer());
}

test("two refreshes at once: the second is refused before it opens the installation, and may come afterwards", async () => {
  const world = await withFile();
  let holder: string | undefined;
  const flow = {
    ...world.flow,
    lockRefreshes: async (installationId: string) => {
      if (holder !== undefined)
        throw new CarryoverError("stateLocked", "another refresh runs");
      holder = installationId;
      return {
        release: async () => {
          holder = undefined;
        },
      };
    },
  };
  const [made] = world.accounts.made;
  const before = made?.reaches.length ?? 0;
  let second: Promise<string> | undefined;
  const first = await refreshFile(flow, {
    ...world.access,
    onProgress: ({ phase }) => {
      if (phase !== "syncing") return;
      expect(holder).toBe(made?.sample.installationId);
      second ??= errorOf(refreshFile(flow, world.access)).then(
        ({ code }) => code,
      );
    },
  });
  expect(await second).toBe("stateLocked");
  // Once to read, once to refresh, by the first one alone.
  expect(made?.reaches.length).toBe(before + 2);
  expect(first.summary.sequence).toBe(3);
  expect((await refreshFile(flow, world.access)).summary.sequence).toBe(4);
  // Also one that failed lets the next one through.
  world.ports.network.isDown = (name) => name === "dormant:syncHistory";
  await errorOf(refreshFile(flow, world.access));
  expect(holder).toBeUndefined();
});

test("a file that another refresh replaces while it is opened is left to that one", async () => {
  const world = await withFile();
  const older = world.place.bytes;
  const { summary } = await refreshFile(world.flow, world.access);
  const newer = world.place.bytes;
  world.place.bytes = older;
  let released = 0;
  const flow = {
    ...world.flow,
    lockRefreshes: async () => {
      // The other one has just ended.
      world.place.bytes = newer;
      return {
        release: async () => {
          released += 1;
        },
      };
    },
  };
  const [made] = world.accounts.made;
  const before = made?.reaches.length;
  expect((await errorOf(refreshFile(flow, world.access))).code).toBe(
    "stateLocked",
  );
  expect(released).toBe(1);
  expect(made?.reaches.length).toBe(before);
  expect(world.accounts.openCount).toBe(0);
  expect(world.place.bytes).toBe(newer);
  const next = await refreshFile(flow, world.access);
  expect(next.summary.sequence).toBe(summary.sequence + 1);
});
