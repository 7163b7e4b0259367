import { CarryoverError } from "@carryover/xmtp-node";
import { expect, test } from "vitest";
import type { CommandContext } from "../../context.js";
import type { Session } from "../../session.js";
import { explainOrphan } from "./unfinished.js";

const context = {
  prompt: { isInteractive: false },
  signal: new AbortController().signal,
} as unknown as CommandContext;
const session = { profile: { name: "old-phone" } } as unknown as Session;

test("whoever is left with an installation that no file holds is told why, and what to do about both", async () => {
  const installationId = "0123456789abcdef".repeat(4);
  const error = new CarryoverError("accountFileFailed", "importFailed", {
    installationId,
    cause: new CarryoverError("diskError", "the library refused a batch"),
  });
  const said = (await explainOrphan(context, session, error)) as Error & {
    advice: string;
  };
  expect(said).toMatchObject({
    code: "accountFileUnfinished",
    message:
      "the Backup Account File could not be finished: the library refused a batch",
  });
  expect(said.advice).toContain("Look for free space");
  expect(said.advice).toContain(
    "account revoke --installation 0123456789abcdef --profile old-phone",
  );
  const other = new CarryoverError("accountBudgetLow", "too few");
  expect(await explainOrphan(context, session, other)).toBe(other);
});
