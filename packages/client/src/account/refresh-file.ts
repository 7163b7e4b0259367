import {
  type AccountFileHeader,
  type AccountFileProtection,
  checkChosenProtection,
  checkProtection,
} from "@carryover/account-file";
import type { InstallationId } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type {
  KeyPackageFacts,
  OpenDormantInstallation,
} from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import { makeConversationsLive } from "../provider/make-conversations-live.js";
import type { AccountFlow } from "./account-flow.js";
import type {
  ProtectionChoice,
  RefreshBackupAccountFileOptions,
  RefreshReport,
} from "./api.js";
import { createDormantContext } from "./dormant-context.js";
import { type OpenAccountFile, openAccountFile } from "./open-file.js";
import { replaceFile } from "./replace-account-file.js";
import { isOwnRenewal, noteRefresh, noteRenewal } from "./refresh-journal.js";
import { type InstallationLock, prepareLock } from "./refresh-lock.js";
import { orSaved } from "./save-on-failure.js";
import { syncDormant } from "./sync-dormant.js";
import { resolveProtection } from "./wallet.js";

/** Brings a file in step with the network, renews its key package where that is due, and replaces it. */
export async function refreshFile(
  flow: AccountFlow,
  options: RefreshBackupAccountFileOptions & {
    /** An installation of the account that is added to every conversation on the way. */
    makeLiveFor?: InstallationId;
    /** Of the file's installation, where the caller has it already and releases it. */
    lock?: InstallationLock;
  },
): Promise<RefreshReport> {
  if (options.lock !== undefined)
    return await refreshAlone(flow, options.lock, options);
  const lock = await prepareLock(flow, options.file);
  try {
    return await refreshAlone(flow, lock, options);
  } finally {
    await lock.release();
  }
}

async function refreshAlone(
  flow: AccountFlow,
  lock: InstallationLock,
  options: Parameters<typeof refreshFile>[1],
): Promise<RefreshReport> {
  const { makeLiveFor } = options;
  const opened = await openToReplace(flow, lock, options);
  const { facts, protection, header } = opened;
  let { dormant } = opened;
  try {
    await noteRefresh(flow, header);
    // Without new members to add it needs to write nothing but its key package, and a copy of the file stays good.
    const reach = makeLiveFor === undefined ? "keyPackage" : "everything";
    const refreshed = await dormant.reopen(reach);
    dormant = refreshed;
    const { step, counts } = await orSaved(
      flow,
      refreshed,
      { ...options, ...opened, reach },
      async () => {
        const step = await bringInStep(flow, refreshed, opened, options);
        if (makeLiveFor !== undefined)
          await makeConversationsLive(
            await createDormantContext(flow, refreshed),
            makeLiveFor,
            options,
          );
        return { step, counts: await countHistory(refreshed) };
      },
    );
    const { onProgress } = options;
    // Not to be stopped any more: with what is thrown away now, the keys would go that others write to already.
    const written = await replaceFile(flow, refreshed, {
      file: options.file,
      ...(onProgress && { onProgress }),
      header,
      protection,
      ...step,
    });
    return {
      before: facts,
      ...written,
      keyPackage: step.keyPackage,
      ...counts,
    };
  } finally {
    await dormant.dispose();
  }
}

/** A file that is going to be replaced by a newer one. */
export interface ReplaceableFile extends OpenAccountFile {
  header: AccountFileHeader;
  protection: AccountFileProtection;
}

/**
 * Opens a file that is going to be replaced, when it is the newest copy. Nothing has changed when this refuses.
 *
 * @param lock - of the file; the caller releases it
 * @throws {CarryoverError} `accountFileOlderCopy`, `protectionRequired`, `stateLocked`, and what `openAccountFile` throws
 */
export async function openToReplace(
  flow: AccountFlow,
  lock: InstallationLock,
  options: Pick<
    RefreshBackupAccountFileOptions,
    "file" | "secret" | "known" | "olderCopy" | "signal" | "onProgress"
  > & { protection?: ProtectionChoice },
): Promise<ReplaceableFile> {
  const opened = await openAccountFile(flow, {
    ...options,
    onInstallation: lock.take,
  });
  const { container, facts, keyPackage } = opened;
  try {
    if (
      facts.copy === "olderCopy" &&
      options.olderCopy !== "refreshAnyway" &&
      !(await isOwnRenewal(flow, container.header, keyPackage))
    )
      throw new CarryoverError(
        "accountFileOlderCopy",
        "another copy of the file was refreshed since this one",
      );
    const protection =
      options.protection === undefined
        ? container.sameProtection
        : await resolveProtection(options.protection);
    if (protection === undefined)
      throw new CarryoverError(
        "protectionRequired",
        "protection: the secret does not tell how the newer file is to be protected",
      );
    // Before the library is let at the network: what it renews has to be saved.
    if (isChosenAnew(options))
      checkChosenProtection(protection, publicIdsOf(container.header));
    else checkProtection(protection);
    await options.file.assertWritable?.(roomFor(container.header));
    return { ...opened, header: container.header, protection };
  } catch (error) {
    await opened.dormant.dispose();
    throw error;
  }
}

/** Whoever gives the passphrase again that opens the file chooses none: what opens can be refreshed, whatever the rule is. */
const isChosenAnew = ({
  secret,
  protection,
}: Parameters<typeof openToReplace>[2]): boolean =>
  protection !== undefined &&
  !(
    protection.kind === "passphrase" &&
    secret.kind === "passphrase" &&
    protection.passphrase.normalize("NFC") ===
      secret.passphrase.normalize("NFC")
  );

const publicIdsOf = ({ inboxId, account }: AccountFileHeader) => [
  inboxId,
  account.identifier,
];

/** Compressed it is smaller than what it was made of, and grows a little at a refresh. */
const roomFor = ({ database }: AccountFileHeader) =>
  database.sizeBytes + 1024 * 1024;

/** What a newer file says beyond what the older one said. */
export interface InStep {
  inStepAtNs: bigint;
  keyPackage: RefreshReport["keyPackage"];
}

/** Fetches everything, and waits for the library to renew the key package where that is due. */
export async function bringInStep(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  // Taken before it was opened again: the library may renew at once.
  {
    header,
    keyPackage: before,
  }: Pick<ReplaceableFile, "header" | "keyPackage">,
  options: LongCallOptions,
): Promise<InStep> {
  const { history } = dormant;
  const countBefore = (await history.listConversations()).length;
  const inStepAtNs = flow.clock.nowNs();
  await syncDormant(history, options);
  const hasNew = (await history.listConversations()).length > countBefore;
  const renewed =
    hasNew || isRenewalDue(flow, header, before)
      ? await waitForRenewal(flow, dormant, before, options)
      : undefined;
  if (renewed !== undefined) await noteRenewal(flow, header, renewed);
  return { inStepAtNs, keyPackage: renewed === undefined ? "kept" : "renewed" };
}

const dayNs = 86_400_000_000_000n;

/** The library renews 30 days after it did last, and seconds after the installation was added to a conversation. */
const renewedEveryNs = 30n * dayNs;

function isRenewalDue(
  { clock }: AccountFlow,
  { sequence }: AccountFileHeader,
  keyPackage: KeyPackageFacts | undefined,
): boolean {
  return (
    // It was added to conversations before it was first put away.
    sequence === 1 ||
    keyPackage === undefined ||
    clock.nowNs() - keyPackage.createdAtNs >= renewedEveryNs
  );
}

const lookEveryMs = 250;

async function waitForRenewal(
  { clock, policy }: AccountFlow,
  dormant: OpenDormantInstallation,
  before: KeyPackageFacts | undefined,
  { signal, onProgress }: LongCallOptions,
): Promise<KeyPackageFacts | undefined> {
  onProgress?.({ phase: "renewingKeyPackage" });
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    signal?.throwIfAborted();
    const now = await dormant.fetchKeyPackage();
    if (
      now !== undefined &&
      (before === undefined || now.expiresAtNs > before.expiresAtNs)
    )
      return now;
    if (waitedMs >= policy.keyPackageTimeoutMs) return undefined;
    await clock.wait(lookEveryMs, signal);
  }
}

async function countHistory({ history }: OpenDormantInstallation) {
  const conversations = (await history.listConversations()).filter(
    ({ isBackupChannel }) => !isBackupChannel,
  );
  let messageCount = 0;
  for (const { conversationId } of conversations)
    messageCount += await history.countMessages(conversationId);
  return { conversationCount: conversations.length, messageCount };
}
