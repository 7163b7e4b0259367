import { createPortablePorts } from "@carryover/backup-file";
import { parsePolicy, type Policy } from "../policy.js";
import type { AccountFlow } from "./account-flow.js";

/** Completes the parts of a flow that runs without an installation of the account. */
export function createAccountFlow(
  parts: Omit<AccountFlow, "policy" | "accountFile" | "backupFile"> &
    Partial<Pick<AccountFlow, "accountFile" | "backupFile">>,
  policy: Partial<Policy> = {},
): AccountFlow {
  const backupFile = parts.backupFile ?? createPortablePorts();
  return {
    accountFile: backupFile,
    ...parts,
    backupFile,
    policy: parsePolicy(policy),
  };
}
