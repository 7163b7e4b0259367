import { type InboxId, parseInboxId, ProtocolError } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type { AccountBudget } from "./account-budget.js";
import type { AccountFlow } from "./account-flow.js";
import type {
  CreatedBackupAccountFile,
  CreateFromWalletOptions,
  UnfinishedFileFromWallet,
  WhichAccount,
} from "./api.js";
import { createFile, fetchAccountBudget } from "./create-file.js";
import { walletAsMaker } from "./file-maker.js";
import { forgetUnfinished, readUnfinishedNotes } from "./unfinished-notes.js";

/**
 * XIP-31 `createBackupAccountFile` for a wallet, where no installation of the account is open. The file holds what comes
 * from now on.
 *
 * @throws {CarryoverError} `accountNotFound`, and what `createFile` throws
 */
export async function createFileFromWallet(
  flow: AccountFlow,
  options: CreateFromWalletOptions,
): Promise<CreatedBackupAccountFile> {
  const inboxId = await inboxOf(flow, options);
  return await createFile(flow, walletAsMaker(flow, inboxId), {
    ...options,
    history: "fromNowOn",
  });
}

/**
 * How much of the budget is used of a wallet's account, or of one that is known.
 *
 * @throws {CarryoverError} `accountNotFound`, `invalidOption`, `networkUnavailable`
 */
export async function fetchBudgetOf(
  flow: AccountFlow,
  account: WhichAccount,
): Promise<AccountBudget> {
  return await fetchAccountBudget(flow, await inboxOf(flow, account));
}

/**
 * Installations that a failed or interrupted creation with the wallet alone has registered, or one whose file nobody said was
 * saved, as it was noted here, and that are still in their inbox. What is not any more is forgotten.
 *
 * @throws {CarryoverError} `networkUnavailable`
 */
export async function fetchUnfinishedFromWallet({
  dormantInstallations,
  journal,
}: AccountFlow): Promise<UnfinishedFileFromWallet[]> {
  const notes = (await readUnfinishedNotes(journal)).filter(
    ({ environment }) => environment === dormantInstallations.environment,
  );
  const unfinished: UnfinishedFileFromWallet[] = [];
  for (const { inboxId, installationId, startedAtNs, file } of notes) {
    const { installations } = await dormantInstallations.fetchAccount(
      parseInboxId(inboxId),
    );
    const found = installations.find(
      (each) => each.installationId === installationId,
    );
    if (found === undefined) await forgetUnfinished(journal, installationId);
    else
      unfinished.push({
        inboxId,
        installationId: found.installationId,
        startedAtNs,
        file,
      });
  }
  return unfinished;
}

async function inboxOf(
  { dormantInstallations }: AccountFlow,
  account: WhichAccount,
): Promise<InboxId> {
  if ("inboxId" in account) return parseGiven(account.inboxId);
  const inboxId = await dormantInstallations.findInbox(account.signer);
  if (inboxId === undefined)
    throw new CarryoverError(
      "accountNotFound",
      "the wallet belongs to no inbox on this network",
    );
  return inboxId;
}

function parseGiven(inboxId: string): InboxId {
  try {
    return parseInboxId(inboxId);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new CarryoverError(
      "invalidOption",
      "inboxId: must be 64 hex digits",
      { cause },
    );
  }
}
