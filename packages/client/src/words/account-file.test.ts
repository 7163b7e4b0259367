import { describe, expect, it } from "vitest";
import { refreshBackupAccountFileBy } from "../account/file-summary.js";
import { daysLeftWords, missingWords } from "./account-file.js";

const dayMs = 86_400_000;
const refreshedAtMs = new Date(2026, 10, 23, 12).getTime();

/** A file of that noon, so many days later. */
const after = (days: number) =>
  daysLeftWords(
    refreshBackupAccountFileBy(
      {
        keyPackageExpiresAtMs: refreshedAtMs + 84 * dayMs,
        messagesKeptUntilMs: refreshedAtMs + 30 * dayMs,
      },
      refreshedAtMs + days * dayMs,
    ),
  );

describe("how long a file is good", () => {
  it.each([
    [0, "23 Dec 2026: 30 days left"],
    [29, "23 Dec 2026: 1 day left"],
    [29.5, "23 Dec 2026, 12:00: less than a day left"],
    [30, "now: it was due by 23 Dec 2026"],
    [90, "now: it was due by 23 Dec 2026"],
  ])("after %s days is said in plain words", (days, words) => {
    expect(after(days)).toBe(words);
  });
});

describe("what a file cannot bring back", () => {
  const fromNs = BigInt(refreshedAtMs) * 1_000_000n;
  it("is said with its dates and its reason", () => {
    expect(
      missingWords({
        kind: "messages",
        reason: "beyondRetention",
        fromNs,
        untilNs: fromNs + 7n * 86_400_000_000_000n,
      }),
    ).toMatch(/from 23 Nov 2026 to 30 Nov 2026 .* keeps messages for 30 days/);
    for (const reason of [
      "keyPackageExpired",
      "keyPackageMissing",
      "refreshedElsewhere",
    ] as const)
      expect(
        missingWords({ kind: "newConversations", reason, fromNs }),
      ).toContain("Conversations that began after 23 Nov 2026");
  });
});
