import fc from "fast-check";
import { expect, test } from "vitest";
import { createAccountFlow } from "./standalone.js";
import { createMemoryAccounts } from "../testing/memory-accounts.js";
import {
  createManualClock,
  createMemoryNetwork,
  startNs,
} from "../testing/memory-network.js";
import {
  createMemoryJournal,
  createMemoryScratch,
} from "../testing/memory-storage.js";
import type { AccountFileHeader } from "@carryover/account-file";
import {
  forgetRefresh,
  isOwnRenewal,
  noteRefresh,
  noteRenewal,
} from "./refresh-journal.js";

const minuteNs = 60_000_000_000n;

const headerOf = (
  change: Partial<AccountFileHeader> = {},
): AccountFileHeader => ({
  version: 1,
  role: "BACKUP",
  producer: { name: "test", version: "0", libxmtpVersion: "1.11.0" },
  environment: "test",
  inboxId: "a1".repeat(32),
  account: { kind: "ethereum", identifier: `0x${"ac".repeat(20)}` },
  installationId: "b2".repeat(32),
  createdAtNs: startNs,
  sequence: 3,
  refreshedAtNs: startNs,
  keyPackageExpiresAtNs: startNs,
  messagesKeptUntilNs: undefined,
  seededAtNs: undefined,
  database: { codec: "gzip", sizeBytes: 1, sha256: new Uint8Array(32) },
  ...change,
});

function createNotes() {
  const clock = createManualClock();
  const journal = createMemoryJournal();
  const flow = createAccountFlow({
    dormantInstallations: createMemoryAccounts(createMemoryNetwork(), clock),
    scratch: createMemoryScratch(),
    journal,
    clock,
    randomBytes: (length) => new Uint8Array(length),
  });
  return { clock, journal, flow };
}

const keyPackage = (createdAtNs: bigint, expiresAtNs = createdAtNs + 1n) => ({
  createdAtNs,
  expiresAtNs,
});

test("without a note, and without a key package, nothing is one's own", async () => {
  const { flow } = createNotes();
  expect(await isOwnRenewal(flow, headerOf(), keyPackage(startNs))).toBe(false);
  await noteRefresh(flow, headerOf());
  expect(await isOwnRenewal(flow, headerOf(), undefined)).toBe(false);
  expect(
    await isOwnRenewal(
      { ...flow, journal: undefined } as never,
      headerOf(),
      keyPackage(startNs),
    ),
  ).toBe(false);
});

test("a note that a renewal may have begun covers what is dated to those minutes", async () => {
  const { flow } = createNotes();
  await noteRefresh(flow, headerOf());
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -200, max: 200 }), async (minutes) => {
      const made = startNs + BigInt(minutes) * minuteNs;
      expect(await isOwnRenewal(flow, headerOf(), keyPackage(made))).toBe(
        minutes >= -70 && minutes <= 10,
      );
    }),
  );
});

test("once a renewal was seen, that very one counts and no other", async () => {
  const { flow } = createNotes();
  const own = keyPackage(startNs, startNs + 84n);
  await noteRefresh(flow, headerOf());
  await noteRenewal(flow, headerOf(), own);
  expect(await isOwnRenewal(flow, headerOf(), own)).toBe(true);
  expect(
    await isOwnRenewal(flow, headerOf(), {
      ...own,
      expiresAtNs: own.expiresAtNs + 1n,
    }),
  ).toBe(false);
});

test("a note is about one copy of one installation", async () => {
  const { flow } = createNotes();
  await noteRefresh(flow, headerOf());
  for (const change of [
    { sequence: 4 },
    { sequence: 2 },
    { installationId: "b3".repeat(32) },
  ])
    expect(
      await isOwnRenewal(flow, headerOf(change), keyPackage(startNs)),
    ).toBe(false);
  expect(await isOwnRenewal(flow, headerOf(), keyPackage(startNs))).toBe(true);
  await forgetRefresh(flow, headerOf());
  expect(await isOwnRenewal(flow, headerOf(), keyPackage(startNs))).toBe(false);
});

test("a note that is cut, or is anything else, says nothing", async () => {
  const { flow, journal } = createNotes();
  const own = keyPackage(startNs, startNs + 84n);
  await noteRenewal(flow, headerOf(), own);
  const [[name, whole] = ["", ""]] = [...journal.notes];
  for (let length = 0; length < whole.length; length += 1) {
    journal.notes.set(name, whole.slice(0, length));
    expect(await isOwnRenewal(flow, headerOf(), own)).toBe(false);
  }
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
      journal.notes.set(name, text);
      expect(await isOwnRenewal(flow, headerOf(), own)).toBe(false);
    }),
  );
});

test("a note holds numbers alone", async () => {
  const { flow, journal } = createNotes();
  await noteRenewal(flow, headerOf(), keyPackage(startNs));
  expect([...journal.notes.values()].join("")).toMatch(/^\d+ \d+\n$/);
});
