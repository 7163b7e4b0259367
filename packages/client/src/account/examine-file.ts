import { type AccountFileHeader, daysLeft } from "@carryover/account-file";
import { parseInboxId } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type {
  AccountState,
  KeyPackageFacts,
} from "../ports/dormant-installations.js";
import type { AccountFlow } from "./account-flow.js";
import type { AccountFileFacts, MissingHistory } from "./api.js";
import {
  type AccountFileSummary,
  compareBackupAccountFiles,
  summarize,
} from "./file-summary.js";
import { compareLibraryVersions } from "./library-version.js";

/**
 * Everything that can be wrong with a file as a whole, before its database is looked at: whose it is, where it belongs,
 * and, from the network, whether it still counts.
 *
 * @param options.inboxId - of the installation that it is to be brought into, where there is one
 * @returns the account, as the network knows it
 * @throws {CarryoverError} `accountFileOfAnotherEnvironment`, `accountFileOfAnotherAccount`,
 * `accountFileFromNewerLibrary`, `accountFileRevoked`, `networkUnavailable`
 */
export async function examineHeader(
  { dormantInstallations }: AccountFlow,
  header: AccountFileHeader,
  { inboxId }: { inboxId?: string } = {},
): Promise<AccountState> {
  if (header.environment !== dormantInstallations.environment)
    throw new CarryoverError(
      "accountFileOfAnotherEnvironment",
      `the file is of the environment ${quote(header.environment)}, this is ${dormantInstallations.environment}`,
    );
  if (inboxId !== undefined && header.inboxId !== inboxId)
    throw new CarryoverError(
      "accountFileOfAnotherAccount",
      "the file is of another inbox",
    );
  assertLibraryIsRecent(header, dormantInstallations.libraryVersion);
  const account = await dormantInstallations.fetchAccount(
    parseInboxId(header.inboxId),
  );
  if (
    !account.installations.some(
      ({ installationId }) => installationId === header.installationId,
    )
  )
    throw new CarryoverError(
      "accountFileRevoked",
      "the file's installation does not belong to its inbox",
    );
  return account;
}

/** @throws {CarryoverError} `accountFileFromNewerLibrary` */
export function assertLibraryIsRecent(
  { producer }: AccountFileHeader,
  ownVersion: string,
): void {
  if (compareLibraryVersions(producer.libxmtpVersion, ownVersion) === "newer")
    throw new CarryoverError(
      "accountFileFromNewerLibrary",
      `the file was written by version ${quote(producer.libxmtpVersion)} of the library, this is ${quote(ownVersion)}`,
    );
}

/** Text of a file, made safe for a message. */
const quote = (text: string) =>
  JSON.stringify(text.slice(0, 40)).replaceAll(/[^\x20-\x7e]/g, "?");

/** What a file is worth now. */
export function describeFile(
  { clock, policy }: AccountFlow,
  header: AccountFileHeader,
  keyPackage: KeyPackageFacts | undefined,
  known: AccountFileSummary | undefined,
): AccountFileFacts {
  const nowNs = clock.nowNs();
  const summary = summarize(header);
  const relation =
    known === undefined ? "same" : compareBackupAccountFiles(summary, known);
  const isReplaced = isRenewedElsewhere(header, keyPackage);
  const missing: MissingHistory[] = [];
  const { messagesKeptUntilNs } = header;
  if (messagesKeptUntilNs !== undefined && messagesKeptUntilNs <= nowNs)
    missing.push({
      kind: "messages",
      reason: "beyondRetention",
      fromNs: header.refreshedAtNs,
      untilNs: nowNs - BigInt(policy.networkKeepsMessagesMs) * 1_000_000n,
    });
  const conversations = missingConversations(header, keyPackage, nowNs);
  if (conversations !== undefined) missing.push(conversations);
  return {
    summary,
    daysLeft: daysLeft(header, nowNs),
    copy:
      isReplaced || relation === "older" || relation === "diverged"
        ? "olderCopy"
        : "newest",
    missing,
  };
}

function missingConversations(
  header: AccountFileHeader,
  keyPackage: KeyPackageFacts | undefined,
  nowNs: bigint,
): MissingHistory | undefined {
  const missing = (
    reason: Extract<MissingHistory, { kind: "newConversations" }>["reason"],
    fromNs: bigint,
  ): MissingHistory => ({ kind: "newConversations", reason, fromNs });
  if (keyPackage !== undefined && isRenewedElsewhere(header, keyPackage))
    return missing("refreshedElsewhere", keyPackage.createdAtNs);
  if (header.keyPackageExpiresAtNs <= nowNs)
    return missing("keyPackageExpired", header.keyPackageExpiresAtNs);
  if (keyPackage === undefined)
    return missing("keyPackageMissing", header.refreshedAtNs);
  return undefined;
}

const secondNs = 1_000_000_000n;

/**
 * Whether the key package on the network is a later one than this copy's: another copy was refreshed since, and what
 * later conversations are encrypted to is not in this one.
 */
function isRenewedElsewhere(
  header: AccountFileHeader,
  keyPackage: KeyPackageFacts | undefined,
): boolean {
  return (
    keyPackage !== undefined &&
    keyPackage.expiresAtNs > header.keyPackageExpiresAtNs + secondNs
  );
}
