import type { AccountBudget } from "@carryover/xmtp-node";
import type { Json } from "../../output.js";
import { fact } from "./file-view.js";

/** What XMTP allows an account, and how much of it a file takes. */
export function budgetLines({
  installations,
  identityUpdates,
}: AccountBudget): string[] {
  return [
    fact(
      "takes",
      `installation ${installations.used + 1} of ${installations.limit}: revoking the file gives it back`,
    ),
    fact(
      "",
      `identity update ${identityUpdates.used + 1} of ${identityUpdates.limit}: never given back`,
    ),
  ];
}

/** What is left after something was done. */
export function budgetLeftLine({
  installations,
  identityUpdates,
}: AccountBudget): string {
  return fact(
    "budget",
    `${installations.used} of ${installations.limit} installations, ${identityUpdates.used} of ${identityUpdates.limit} identity updates used`,
  );
}

/** The budget, for programs. */
export function budgetJson(budget: AccountBudget): { [key: string]: Json } {
  return {
    installations: { ...budget.installations },
    identityUpdates: { ...budget.identityUpdates },
    anotherFile: budget.anotherFile,
  };
}
