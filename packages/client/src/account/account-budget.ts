import type { AccountState } from "../ports/dormant-installations.js";
import type { Policy } from "../policy.js";

/** Limits of XMTP itself, for one inbox. */
export const accountLimits = {
  /** At one time. Revoking gives one back. */
  installations: 10,
  /** For ever. Registering an installation takes one, and so does revoking. */
  identityUpdates: 256,
} as const;

/** How much of what XMTP allows an account is used. */
export interface AccountBudget {
  installations: { used: number; limit: number; left: number };
  identityUpdates: { used: number; limit: number; left: number };
  /**
   * Whether another file can be made: `low` when what would be left after it is under the policy's
   * `minInstallationsLeft` or `minIdentityUpdatesLeft`.
   */
  anotherFile: "possible" | "low";
}

/** What a Backup Account File costs. */
const cost = { installations: 1, identityUpdates: 1 } as const;

/** Reads the budget off an account's state. */
export function budgetOf(
  { installations, identityUpdatesUsed }: AccountState,
  {
    minInstallationsLeft,
    minIdentityUpdatesLeft,
  }: Pick<Policy, "minInstallationsLeft" | "minIdentityUpdatesLeft">,
): AccountBudget {
  const share = (used: number, limit: number) => ({
    used,
    limit,
    left: Math.max(0, limit - used),
  });
  const budget = {
    installations: share(installations.length, accountLimits.installations),
    identityUpdates: share(identityUpdatesUsed, accountLimits.identityUpdates),
  };
  const isPossible =
    budget.installations.left - cost.installations >= minInstallationsLeft &&
    budget.identityUpdates.left - cost.identityUpdates >=
      minIdentityUpdatesLeft;
  return { ...budget, anotherFile: isPossible ? "possible" : "low" };
}
