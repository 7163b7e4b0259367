import { create, toBinary, fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { createManualClock } from "./fixtures/manual-clock.js";
import {
  type Record,
  RecordSchema,
} from "./gen/carryover/local_network/v1/record_pb.js";
import { IdentityUpdateSchema } from "./gen/xmtp/identity/associations/association_pb.js";
import { RecoverableEd25519SignatureSchema } from "./gen/xmtp/identity/associations/signature_pb.js";
import { WelcomeMessageInputSchema } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import {
  WelcomePointerWrapperAlgorithm,
  WelcomeWrapperAlgorithm,
} from "./gen/xmtp/mls/message_contents/wrapper_algorithm_pb.js";
import { type OpenJournal } from "./journal.js";
import { createStore, type Store } from "./store.js";

/** A journal in memory that goes through bytes, as a file does. */
function createBytesJournal(): { open: OpenJournal; records: Uint8Array[] } {
  const journal = {
    records: [] as Uint8Array[],
    open: ((apply) => {
      journal.records.forEach((bytes) =>
        apply(fromBinary(RecordSchema, bytes)),
      );
      return {
        append: (record: Record) =>
          void journal.records.push(toBinary(RecordSchema, record)),
        rewrite: (records: Iterable<Record>) => {
          journal.records = [...records].map((record) =>
            toBinary(RecordSchema, record),
          );
        },
        close: () => undefined,
      };
    }) satisfies OpenJournal,
  };
  return journal;
}

const group = Buffer.from("aa", "hex");
const installation = Buffer.from("cc", "hex");
const dayNs = 86_400_000_000_000n;

const send = (store: Store, data: string, isCommit = false) =>
  store.insertGroupMessage({
    groupId: group,
    data: Buffer.from(data),
    senderHmac: Buffer.from("hmac"),
    shouldPush: true,
    isCommit,
  });

const welcome = (store: Store, data: string) =>
  store.insertWelcome(
    create(WelcomeMessageInputSchema, {
      version: {
        case: "v1",
        value: { installationKey: installation, data: Buffer.from(data) },
      },
    }),
  );

const all = {
  direction: "ascending",
  cursor: 0n,
  limit: 100,
} as const;

const messagesIn = (store: Store) =>
  store.groupMessages
    .page("aa", all)
    .entries.map(
      ({ id, message }) => `${id} ${Buffer.from(message.data).toString()}`,
    );

const update = (inboxId: string) => create(IdentityUpdateSchema, { inboxId });

test("the same payload for the same topic is stored once", () => {
  const store = createStore(createManualClock(), createBytesJournal().open);
  expect(send(store, "one")).toBe("stored");
  expect(send(store, "one")).toBe("duplicate");
  expect(send(store, "two")).toBe("stored");
  expect(messagesIn(store)).toEqual(["1 one", "2 two"]);
  expect(welcome(store, "one")).toBe("stored");
  expect(welcome(store, "one")).toBe("duplicate");
  expect(store.welcomes.page("cc", all).entries.length).toBe(1);
});

test("times grow even when the clock stands still", () => {
  const store = createStore(createManualClock(), createBytesJournal().open);
  ["a", "b", "c"].forEach((data) => send(store, data));
  const times = store.groupMessages
    .page("aa", all)
    .entries.map(({ createdNs }) => createdNs);
  expect(new Set(times).size).toBe(3);
  expect(times).toEqual([...times].sort());
});

test("what a caller does to its bytes afterwards changes nothing", () => {
  const store = createStore(createManualClock(), createBytesJournal().open);
  const data = Buffer.from("data");
  store.insertGroupMessage({
    groupId: group,
    data,
    senderHmac: data,
    shouldPush: false,
    isCommit: false,
  });
  data.fill(0);
  expect(messagesIn(store)).toEqual(["1 data"]);
});

test("a welcome without an algorithm is of the first one; a pointer keeps its own", () => {
  const store = createStore(createManualClock(), createBytesJournal().open);
  welcome(store, "old");
  store.insertWelcome(
    create(WelcomeMessageInputSchema, {
      version: {
        case: "welcomePointer",
        value: {
          installationKey: installation,
          welcomePointer: Buffer.from("pointer"),
          hpkePublicKey: Buffer.from("key"),
          wrapperAlgorithm:
            WelcomePointerWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6,
        },
      },
    }),
  );
  const [first, second] = store.welcomes
    .page("cc", all)
    .entries.map(({ message }) => message.version);
  expect(first?.value?.wrapperAlgorithm).toBe(
    WelcomeWrapperAlgorithm.CURVE25519,
  );
  expect(second?.case).toBe("welcomePointer");
  expect(second?.value?.wrapperAlgorithm).toBe(
    WelcomePointerWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6,
  );
});

test("an address belongs to the inbox that it was last associated with and not revoked from", () => {
  const store = createStore(createManualClock(), createBytesJournal().open);
  const change = (
    inboxId: string,
    addedAddresses: string[],
    removedAddresses: string[],
  ) =>
    store.insertIdentityUpdate(update(inboxId), {
      addedAddresses,
      removedAddresses,
    });
  expect(store.inboxIdOf("0x1")).toBeUndefined();
  change("1111", ["0x1"], []);
  change("2222", ["0x1"], []);
  expect(store.inboxIdOf("0x1")).toBe("2222");
  change("2222", [], ["0x1"]);
  expect(store.inboxIdOf("0x1")).toBe("1111");
  change("1111", [], ["0x1"]);
  expect(store.inboxIdOf("0x1")).toBeUndefined();
  change("2222", ["0x1"], []);
  expect(store.inboxIdOf("0x1")).toBe("2222");
});

test("everything is found again", () => {
  const clock = createManualClock();
  const journal = createBytesJournal();
  const before = createStore(clock, journal.open);
  send(before, "one");
  send(before, "two", true);
  welcome(before, "welcome");
  before.putKeyPackage(installation, Buffer.from("old"));
  before.putKeyPackage(installation, Buffer.from("new"));
  before.insertIdentityUpdate(update("1111"), {
    addedAddresses: ["0x1"],
    removedAddresses: [],
  });
  before.insertCommitLogEntry(
    group,
    Buffer.from("entry"),
    create(RecoverableEd25519SignatureSchema),
  );

  const after = createStore(clock, journal.open);
  expect(messagesIn(after)).toEqual(["1 one", "2 two"]);
  expect(send(after, "one")).toBe("duplicate");
  expect(send(after, "three")).toBe("stored");
  expect(messagesIn(after)).toEqual(["1 one", "2 two", "3 three"]);
  expect(welcome(after, "welcome")).toBe("duplicate");
  expect(Buffer.from(after.keyPackage(installation) ?? []).toString()).toBe(
    "new",
  );
  expect(after.identityUpdates("1111").length).toBe(1);
  expect(after.inboxIdOf("0x1")).toBe("1111");
  expect(after.commitLog.newest("aa")?.id).toBe(1n);
  const newest = after.groupMessages.newest("aa")?.createdNs ?? 0n;
  expect(newest).toBeGreaterThan(clock.nowNs());
});

test("pruning keeps commits, what is young, and every number that was given out", () => {
  const clock = createManualClock();
  const journal = createBytesJournal();
  const before = createStore(clock, journal.open);
  send(before, "old commit", true);
  send(before, "old");
  welcome(before, "old");
  before.putKeyPackage(installation, Buffer.from("old"));
  clock.advance(2n * dayNs);
  before.putKeyPackage(installation, Buffer.from("rotated"));
  before.putKeyPackage(Buffer.from("dd", "hex"), Buffer.from("young"));
  const cutoff = clock.nowNs() - dayNs;
  const report = before.prune({
    applicationMessagesBeforeNs: cutoff,
    welcomesBeforeNs: cutoff,
    keyPackagesBeforeNs: cutoff,
  });
  expect(report).toEqual({
    applicationMessages: 1,
    welcomes: 1,
    keyPackages: 1,
  });

  const after = createStore(clock, journal.open);
  for (const store of [before, after]) {
    expect(messagesIn(store)).toEqual(["1 old commit"]);
    expect(store.welcomes.newest("cc")).toBeUndefined();
    // The age counts from the first upload, not from the last.
    expect(store.keyPackage(installation)).toBeUndefined();
    expect(store.keyPackage(Buffer.from("dd", "hex"))).toBeDefined();
  }
  expect(send(after, "old")).toBe("stored");
  expect(welcome(after, "old")).toBe("stored");
  expect(messagesIn(after)).toEqual(["1 old commit", "3 old"]);
  expect(after.welcomes.newest("cc")?.id).toBe(2n);
});

test("what the journal refuses did not happen", () => {
  const store = createStore(createManualClock(), () => ({
    append: () => {
      throw new Error("disk full");
    },
    rewrite: () => undefined,
    close: () => undefined,
  }));
  expect(() => send(store, "one")).toThrow("disk full");
  expect(messagesIn(store)).toEqual([]);
});
