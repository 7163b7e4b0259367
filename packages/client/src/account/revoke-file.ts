import {
  type InboxId,
  type InstallationId,
  parseInboxId,
  parseInstallationId,
  ProtocolError,
} from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type { AccountState } from "../ports/dormant-installations.js";
import { budgetOf } from "./account-budget.js";
import type { AccountFlow } from "./account-flow.js";
import type { RevokeBackupAccountFileOptions, RevokeReport } from "./api.js";
import { openContainer } from "./open-file.js";
import { forgetUnfinished } from "./unfinished-notes.js";

/**
 * Takes a file's installation out of the account: the file becomes useless, and so does every copy of it.
 *
 * @throws {CarryoverError} `accountFileOfAnotherEnvironment`, `invalidOption`, `walletRefused`, `walletOfAnotherAccount`,
 * `networkUnavailable`
 */
export async function revokeFile(
  flow: AccountFlow,
  options: RevokeBackupAccountFileOptions,
): Promise<RevokeReport> {
  const { dormantInstallations, policy } = flow;
  const { inboxId, installationId } = await whichInstallation(flow, options);
  const isIn = ({ installations }: AccountState) =>
    installations.some((each) => each.installationId === installationId);
  const before = await dormantInstallations.fetchAccount(inboxId);
  if (!isIn(before))
    return {
      installationId,
      outcome: "alreadyRevoked",
      budget: budgetOf(before, policy),
    };
  options.signal?.throwIfAborted();
  await dormantInstallations.revoke(options.signer, inboxId, [installationId]);
  const after = await dormantInstallations.fetchAccount(inboxId);
  if (isIn(after))
    throw new CarryoverError(
      "networkUnavailable",
      "the network does not show the revocation yet",
    );
  await strikeOff(flow, installationId);
  return {
    installationId,
    outcome: "revoked",
    budget: budgetOf(after, policy),
  };
}

/** What is not in the account any more is not unfinished. A note that stays is struck off when the unfinished are next fetched. */
async function strikeOff(
  { journal }: AccountFlow,
  installationId: InstallationId,
): Promise<void> {
  try {
    await forgetUnfinished(journal, installationId);
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
  }
}

async function whichInstallation(
  flow: AccountFlow,
  options: RevokeBackupAccountFileOptions,
): Promise<{ inboxId: InboxId; installationId: InstallationId }> {
  try {
    if ("installationId" in options)
      return {
        inboxId: parseInboxId(options.inboxId),
        installationId: parseInstallationId(options.installationId),
      };
    const { header, database } = await openContainer(flow, options, options);
    await database.cancel();
    if (header.environment !== flow.dormantInstallations.environment)
      throw new CarryoverError(
        "accountFileOfAnotherEnvironment",
        "the file is of another environment",
      );
    return {
      inboxId: parseInboxId(header.inboxId),
      installationId: parseInstallationId(header.installationId),
    };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new CarryoverError(
      "invalidOption",
      "inboxId, installationId: must be 64 hex digits each",
      { cause },
    );
  }
}
