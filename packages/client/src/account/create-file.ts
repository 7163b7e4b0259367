import {
  type AccountFileProtection,
  checkChosenProtection,
} from "@carryover/account-file";
import type { InboxId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { asCarryoverError, CarryoverError } from "../errors.js";
import type { NewInstallation } from "../ports/dormant-installations.js";
import { announceBackupRole } from "../role/announce-role.js";
import { type AccountBudget, budgetOf } from "./account-budget.js";
import type { AccountFlow } from "./account-flow.js";
import type {
  CreateBackupAccountFileOptions,
  CreatedBackupAccountFile,
  UnfinishedAccountFile,
} from "./api.js";
import { createDormantContext } from "./dormant-context.js";
import type { FileMaker } from "./file-maker.js";
import { headerFromNow } from "./header-of.js";
import { syncDormant } from "./sync-dormant.js";
import { resolveProtection } from "./wallet.js";
import { writeAccountFile } from "./write-file.js";

/** What a file takes without a history, and more; how long the history is nobody knows yet. */
const roomBytes = 2 * 1024 * 1024;

/** How much of an account's budget is used. */
export async function fetchAccountBudget(
  { dormantInstallations, policy }: AccountFlow,
  inboxId: InboxId,
): Promise<AccountBudget> {
  return budgetOf(await dormantInstallations.fetchAccount(inboxId), policy);
}

/** XIP-31 `createBackupAccountFile`. */
export async function createFile(
  flow: AccountFlow,
  maker: FileMaker,
  options: CreateBackupAccountFileOptions,
): Promise<CreatedBackupAccountFile> {
  const { file, ifThere = "refuse", signer, signal, onProgress } = options;
  if (ifThere === "refuse" && (await file.exists()))
    throw new CarryoverError(
      "accountFileExists",
      "there is a file at this place",
    );
  // What can be wrong with it is found before anything is registered: that cannot be taken back for free.
  const protection = await resolveProtection(options.protection);
  checkChosenProtection(protection, [
    maker.inboxId,
    (await signer.getIdentifier()).identifier,
  ]);
  await file.assertWritable?.(roomBytes);
  await assertAccountAllows(flow, maker);
  signal?.throwIfAborted();
  onProgress?.({ phase: "registering" });
  const dormant = await flow.dormantInstallations.make(signer, maker.inboxId);
  try {
    await register(flow, maker, dormant);
    try {
      return await fillAndWrite(flow, maker, dormant, {
        ...options,
        protection,
        ifThere,
      });
    } catch (error) {
      throw orphaned(error, dormant);
    }
  } finally {
    await dormant.dispose();
  }
}

async function assertAccountAllows(
  { dormantInstallations, policy }: AccountFlow,
  maker: FileMaker,
): Promise<void> {
  const account = await dormantInstallations.fetchAccount(maker.inboxId);
  maker.assertBelongsTo(account);
  const { anotherFile, installations, identityUpdates } = budgetOf(
    account,
    policy,
  );
  if (anotherFile === "low")
    throw new CarryoverError(
      "accountBudgetLow",
      `of the account's budget ${installations.left} installations and ${identityUpdates.left} identity updates are left`,
    );
}

async function register(
  flow: AccountFlow,
  maker: FileMaker,
  dormant: NewInstallation,
): Promise<void> {
  await maker.begin(dormant);
  try {
    await dormant.register();
  } catch (error) {
    if (await isRegistered(flow, dormant)) throw orphaned(error, dormant);
    await maker.end(dormant.installation.installationId);
    throw error;
  }
}

/** When the network does not say, it may be. */
async function isRegistered(
  { dormantInstallations }: AccountFlow,
  { installation }: NewInstallation,
): Promise<boolean> {
  try {
    const { installations } = await dormantInstallations.fetchAccount(
      installation.inboxId,
    );
    return installations.some(
      ({ installationId }) => installationId === installation.installationId,
    );
  } catch (error) {
    if (error instanceof CarryoverError) return true;
    throw error;
  }
}

function orphaned(error: unknown, { installation }: NewInstallation) {
  return new CarryoverError(
    "accountFileFailed",
    `an installation is registered that no file holds: ${
      asCarryoverError(error, "wrongState", "an unexpected error").code
    }`,
    { cause: error, installationId: installation.installationId },
  );
}

async function fillAndWrite(
  flow: AccountFlow,
  maker: FileMaker,
  dormant: NewInstallation,
  options: Omit<CreateBackupAccountFileOptions, "protection"> & {
    protection: AccountFileProtection;
    ifThere: "refuse" | "replace";
  },
): Promise<CreatedBackupAccountFile> {
  const { installationId } = dormant.installation;
  const createdAtNs = flow.clock.nowNs();
  const notJoined = await maker.joinConversations(installationId, options);
  const inStepAtNs = flow.clock.nowNs();
  await syncDormant(dormant.history, options);
  const dormantContext = await createDormantContext(flow, dormant);
  await announceBackupRole(dormantContext);
  const seeded =
    options.history === "fromNowOn"
      ? undefined
      : await maker.seed?.(dormantContext, options);
  const joinedConversationCount = (
    await dormant.history.listConversations()
  ).filter(
    ({ isBackupChannel, liveness }) => !isBackupChannel && liveness === "live",
  ).length;
  const keyPackage = await dormant.fetchKeyPackage();
  if (keyPackage === undefined)
    throw new CarryoverError(
      "networkUnavailable",
      "the network has no key package of the new installation",
    );
  // Nothing after this may fail on the network: a file that is there would pass for one that is not.
  const budget = await fetchAccountBudget(flow, maker.inboxId);
  const written = await writeAccountFile(flow, dormant, {
    ...options,
    header: {
      ...headerFromNow(flow, dormant, inStepAtNs),
      account: dormant.account,
      createdAtNs,
      sequence: 1,
      keyPackageExpiresAtNs: keyPackage.expiresAtNs,
      seededAtNs: seeded && inStepAtNs,
    },
  });
  if (options.file.lasts === "untilSaved")
    await maker.awaitSaving(installationId);
  else await maker.end(installationId);
  return {
    ...written,
    budget,
    ...(seeded && { history: seeded }),
    joinedConversationCount,
    notJoined,
  };
}

/** Forgets that a file was begun: it was made, and a person now has it. One that was never made stays known of. */
export async function confirmSaved(
  { state }: EngineContext,
  installationId: string,
): Promise<void> {
  await state.update((draft) => {
    draft.unfinishedFiles = draft.unfinishedFiles.filter(
      (entry) =>
        entry.installationId !== installationId ||
        entry.file !== "perhapsSaved",
    );
  });
}

/** Installations that were registered for files that were never finished, and are still in the inbox. */
export async function fetchUnfinishedFiles(
  context: EngineContext,
): Promise<UnfinishedAccountFile[]> {
  const { installation, state } = context;
  if (state.current().unfinishedFiles.length === 0) return [];
  const { installations } = await installation.fetchInboxState();
  const registered = new Set(
    installations.map(({ installationId }) => installationId),
  );
  return state
    .current()
    .unfinishedFiles.filter(({ installationId }) =>
      registered.has(installationId),
    )
    .map((entry) => ({ file: "notMade", ...entry }));
}
