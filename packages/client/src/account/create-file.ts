import type { AccountFileProtection } from "@carryover/account-file";
import { checkProtection } from "@carryover/account-file";
import type { InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { asCarryoverError, CarryoverError } from "../errors.js";
import { importBackup, rememberBefore } from "../history/import-backup.js";
import { verifyBackup } from "../history/verify-backup.js";
import type { NewInstallation } from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import { makeConversationsLive } from "../provider/make-conversations-live.js";
import { announceBackupRole } from "../role/announce-role.js";
import { learnBackupRole } from "../role/backup-roles.js";
import { signRoleCertificate } from "../role/role-certificate.js";
import { type AccountBudget, budgetOf } from "./account-budget.js";
import type { AccountFlow } from "./account-flow.js";
import type {
  CreateBackupAccountFileOptions,
  CreatedBackupAccountFile,
  UnfinishedAccountFile,
} from "./api.js";
import { createDormantContext } from "./dormant-context.js";
import { headerFromNow } from "./header-of.js";
import { writePassingHistoryFile } from "./move-history.js";
import { syncDormant } from "./sync-dormant.js";
import { resolveProtection } from "./wallet.js";
import { writeAccountFile } from "./write-file.js";

/** How much of the account's budget is used. */
export async function fetchAccountBudget(
  { installation }: EngineContext,
  { dormantInstallations, policy }: AccountFlow,
): Promise<AccountBudget> {
  return budgetOf(
    await dormantInstallations.fetchAccount(installation.inboxId),
    policy,
  );
}

/** XIP-31 `createBackupAccountFile`. */
export async function createFile(
  context: EngineContext,
  flow: AccountFlow,
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
  checkProtection(protection);
  await assertAccountAllows(context, flow);
  signal?.throwIfAborted();
  onProgress?.({ phase: "registering" });
  const dormant = await flow.dormantInstallations.make(
    signer,
    context.installation.inboxId,
  );
  try {
    await register(context, flow, dormant);
    try {
      return await fillAndWrite(context, flow, dormant, {
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
  { installation }: EngineContext,
  { dormantInstallations, policy }: AccountFlow,
): Promise<void> {
  const account = await dormantInstallations.fetchAccount(installation.inboxId);
  if (
    !account.installations.some(
      ({ installationId }) => installationId === installation.installationId,
    )
  )
    throw new CarryoverError(
      "installationRevoked",
      "this installation does not belong to the inbox",
    );
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

/**
 * Registers it. That it was begun, and the role, are stored before: whenever the process dies, the next one knows of an
 * installation that no file may hold.
 */
async function register(
  context: EngineContext,
  flow: AccountFlow,
  dormant: NewInstallation,
): Promise<void> {
  const { installationId } = dormant.installation;
  await learnBackupRole(context, await signRoleCertificate(flow, dormant));
  await context.state.update((draft) => {
    draft.unfinishedFiles.push({
      installationId,
      startedAtNs: flow.clock.nowNs(),
    });
  });
  try {
    await dormant.register();
  } catch (error) {
    if (await isRegistered(flow, dormant)) throw orphaned(error, dormant);
    await forgetUnfinished(context, installationId);
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
  context: EngineContext,
  flow: AccountFlow,
  dormant: NewInstallation,
  options: Omit<CreateBackupAccountFileOptions, "protection"> & {
    protection: AccountFileProtection;
    ifThere: "refuse" | "replace";
  },
): Promise<CreatedBackupAccountFile> {
  const { installationId } = dormant.installation;
  const createdAtNs = flow.clock.nowNs();
  const notJoined = await joinConversations(context, installationId, options);
  const inStepAtNs = flow.clock.nowNs();
  await syncDormant(dormant.history, options);
  const dormantContext = await createDormantContext(flow, dormant);
  await announceBackupRole(dormantContext);
  const seeded =
    options.history === "fromNowOn"
      ? undefined
      : await seed(context, dormantContext, options);
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
  await forgetUnfinished(context, installationId);
  return {
    ...written,
    budget: await fetchAccountBudget(context, flow),
    ...(seeded && { history: seeded }),
    joinedConversationCount,
    notJoined,
  };
}

/** Existing conversations know nothing of a new installation until a member adds it. */
async function joinConversations(
  context: EngineContext,
  installationId: InstallationId,
  { signal, onProgress }: LongCallOptions,
): Promise<string[]> {
  return await makeConversationsLive(context, installationId, {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (progress) =>
        onProgress({ ...progress, phase: "joiningConversations" }),
    }),
  });
}

/** Puts the history so far into the new installation, as any other restored history. */
async function seed(
  context: EngineContext,
  dormantContext: EngineContext,
  options: LongCallOptions,
): Promise<NonNullable<CreatedBackupAccountFile["history"]>> {
  const passing = await writePassingHistoryFile(context, options);
  try {
    const verified = await verifyBackup(
      dormantContext,
      passing.source,
      options,
    );
    await importBackup(dormantContext, passing.source, verified, {
      ...options,
      before: await rememberBefore(dormantContext, verified),
    });
    const { conversationCount, messageCount, leftOut } = passing.written;
    return { conversationCount, messageCount, leftOut };
  } finally {
    await passing.dispose();
  }
}

async function forgetUnfinished(
  { state }: EngineContext,
  installationId: InstallationId,
): Promise<void> {
  await state.update((draft) => {
    draft.unfinishedFiles = draft.unfinishedFiles.filter(
      (entry) => entry.installationId !== installationId,
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
    );
}
