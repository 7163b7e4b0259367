// The code of docs/guide/backup-account-files.md. A test checks that the guide says the same, and runs it.

// #region create
import {
  type AccountBudget,
  accountFileAt,
  type AccountFileSummary,
  type AccountSigner,
  type Carryover,
} from "@carryover/xmtp-node";

export async function makeFile(
  carryover: Carryover,
  signer: AccountSigner, // the SDK's own Signer fits
  path: string,
  passphrase: string,
  agree: (budget: AccountBudget) => Promise<"yes" | "no">,
): Promise<AccountFileSummary | undefined> {
  const budget = await carryover.fetchAccountBudget();
  if (budget.anotherFile === "low") return undefined;
  if ((await agree(budget)) === "no") return undefined;
  const { summary } = await carryover.createBackupAccountFile({
    file: accountFileAt(path),
    signer,
    protection: { kind: "passphrase", passphrase },
  });
  return summary;
}
// #endregion

// #region refresh
import {
  refreshBackupAccountFile,
  refreshBackupAccountFileBy,
  type XmtpNetwork,
} from "@carryover/xmtp-node";

export function reminder(summary: AccountFileSummary): string {
  const { state, daysLeft } = refreshBackupAccountFileBy(summary, Date.now());
  switch (state) {
    case "good":
      return `Your backup file is good for ${daysLeft} days.`;
    case "refreshSoon":
      return `Refresh your backup file: ${daysLeft} days left.`;
    case "refreshNow":
      return "Refresh your backup file now: it misses something already.";
  }
}

export async function refresh(
  network: XmtpNetwork, // as for Client.create: { env: "production" }
  path: string,
  passphrase: string,
  known: AccountFileSummary,
): Promise<AccountFileSummary> {
  const { summary } = await refreshBackupAccountFile({
    network,
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
    known,
  });
  return summary; // in the place of the one before
}
// #endregion

// #region restore
import type { RestoreReport } from "@carryover/xmtp-node";

export async function restore(
  carryover: Carryover, // of the new installation
  path: string,
  passphrase: string,
  show: (text: string) => void,
): Promise<RestoreReport> {
  const report = await carryover.importFromBackupAccountFile({
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
    onProgress: ({ phase, messages }) => {
      show(`${phase} ${messages ?? ""}`);
    },
  });
  show(`${report.totals.imported} messages restored`);
  for (const { kind, reason } of report.file.missing)
    show(`some ${kind} are missing: ${reason}`);
  for (const { conversationId, waitsFor } of report.waiting)
    show(`${conversationId} waits for one of ${waitsFor.join(", ")}`);
  return report;
}
// #endregion

// #region answer
import {
  type InboundRequest,
  openBackupAccountFileForRequests,
} from "@carryover/xmtp-node";

export async function answerWithFile(
  network: XmtpNetwork,
  path: string,
  passphrase: string,
  storageUrl: string,
  askPerson: (request: InboundRequest) => Promise<"approve" | "decline">,
): Promise<number> {
  const session = await openBackupAccountFileForRequests({
    network,
    policy: { allowedStorageOrigins: [new URL(storageUrl).origin] },
    file: accountFileAt(path),
    secret: { kind: "passphrase", passphrase },
  });
  try {
    const requests = await session.listInboundBackupRequests();
    for (const request of requests)
      await session.respondToBackupRequest(
        request.requestId,
        await askPerson(request),
      );
    return requests.length;
  } finally {
    await session.close(); // deletes everything of it from this machine
  }
}
// #endregion

// #region revoke
import { revokeBackupAccountFile } from "@carryover/xmtp-node";

export async function revoke(
  network: XmtpNetwork,
  signer: AccountSigner,
  { inboxId, installationId }: AccountFileSummary,
): Promise<"revoked" | "alreadyRevoked"> {
  const { outcome } = await revokeBackupAccountFile({
    network,
    signer,
    inboxId,
    installationId,
  });
  return outcome;
}
// #endregion
