import fc from "fast-check";
import { expect, test } from "vitest";
import { startNs } from "../testing/memory-network.js";
import {
  type AccountFileSummary,
  compareBackupAccountFiles,
  refreshBackupAccountFileBy,
  summarize,
} from "./file-summary.js";

const dayNs = 86_400_000_000_000n;
const header = {
  producer: { name: "test", version: "0", libxmtpVersion: "1.11.0" },
  environment: "test",
  inboxId: "a1".repeat(32),
  account: { kind: "ethereum", identifier: `0x${"ac".repeat(20)}` },
  installationId: "b2".repeat(32),
  createdAtNs: startNs + 999_999n,
  sequence: 3,
  refreshedAtNs: startNs + dayNs,
  keyPackageExpiresAtNs: startNs + 84n * dayNs,
};
const startMs = Number(startNs / 1_000_000n);

test("a summary is plain JSON, and names no account and no secret", () => {
  const summary = summarize({
    ...header,
    messagesKeptUntilNs: startNs + 31n * dayNs,
    seededAtNs: startNs,
  });
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  expect(summary).toEqual({
    environment: "test",
    inboxId: header.inboxId,
    installationId: header.installationId,
    sequence: 3,
    createdAtMs: startMs,
    refreshedAtMs: startMs + 86_400_000,
    keyPackageExpiresAtMs: startMs + 84 * 86_400_000,
    messagesKeptUntilMs: startMs + 31 * 86_400_000,
    seededAtMs: startMs,
  });
  expect(summarize(header)).not.toHaveProperty("messagesKeptUntilMs");
  expect(summarize(header)).not.toHaveProperty("seededAtMs");
});

test("the sooner of the two dates counts", () => {
  const now = startMs;
  const day = 86_400_000;
  const by = (
    dates: Pick<
      AccountFileSummary,
      "keyPackageExpiresAtMs" | "messagesKeptUntilMs"
    >,
  ) => refreshBackupAccountFileBy(dates, now);
  expect(
    by({
      keyPackageExpiresAtMs: now + 84 * day,
      messagesKeptUntilMs: now + 30 * day,
    }),
  ).toMatchObject({
    daysLeft: 30,
    state: "good",
    messages: { daysLeft: 30 },
    newConversations: { daysLeft: 84 },
  });
  expect(
    by({
      keyPackageExpiresAtMs: now + 2 * day,
      messagesKeptUntilMs: now + 30 * day,
    }),
  ).toMatchObject({
    daysLeft: 2,
    state: "refreshSoon",
  });
  expect(by({ keyPackageExpiresAtMs: now + 84 * day })).toMatchObject({
    daysLeft: 84,
    messages: { daysLeft: undefined, state: "open" },
  });
  expect(
    by({ keyPackageExpiresAtMs: now, messagesKeptUntilMs: now + day }),
  ).toMatchObject({ state: "refreshNow" });
});

const opposite = {
  same: "same",
  older: "newer",
  newer: "older",
  diverged: "diverged",
  otherInstallation: "otherInstallation",
} as const;

test("two copies stand to each other as the other way round, and only the number of refreshes makes one older", () => {
  const copy = fc.record({
    installation: fc.constantFrom("b2", "b3"),
    sequence: fc.integer({ min: 1, max: 3 }),
    refreshed: fc.nat(2),
  });
  const summaryOf = ({
    installation,
    sequence,
    refreshed,
  }: {
    installation: string;
    sequence: number;
    refreshed: number;
  }) =>
    summarize({
      ...header,
      installationId: installation.repeat(32),
      sequence,
      refreshedAtNs: startNs + BigInt(refreshed) * 1_000_000n,
    });
  fc.assert(
    fc.property(copy, copy, (a, b) => {
      const relation = compareBackupAccountFiles(summaryOf(a), summaryOf(b));
      expect(compareBackupAccountFiles(summaryOf(b), summaryOf(a))).toBe(
        opposite[relation],
      );
      const expected =
        a.installation !== b.installation
          ? "otherInstallation"
          : a.sequence < b.sequence
            ? "older"
            : a.sequence > b.sequence
              ? "newer"
              : a.refreshed === b.refreshed
                ? "same"
                : "diverged";
      expect(relation).toBe(expected);
    }),
  );
});
