import { importBackup } from "../history/import-backup.js";
import { verifyBackup } from "../history/verify-backup.js";
import type { AccountFlow } from "./account-flow.js";
import type { VerifyBackupAccountFileOptions, VerifyReport } from "./api.js";
import { createDormantContext } from "./dormant-context.js";
import { type PassingHistoryFile, takeDormantHistory } from "./move-history.js";
import { type OpenAccountFile, openAccountFile } from "./open-file.js";

/**
 * A restore for practice: everything that a restore does, into an empty installation that is never registered and then
 * thrown away.
 */
export async function verifyFile(
  flow: AccountFlow,
  options: VerifyBackupAccountFileOptions,
): Promise<VerifyReport> {
  const opened = await openAccountFile(flow, options);
  const { container, dormant, facts } = opened;
  const passing = await takeDormantHistory(flow, dormant, options);
  try {
    return {
      file: facts,
      sizeBytes: container.verified().sizeBytes,
      ...(await importForPractice(flow, opened, passing, options)),
    };
  } finally {
    options.onProgress?.({ phase: "cleaningUp" });
    await passing.dispose();
  }
}

async function importForPractice(
  flow: AccountFlow,
  { container }: OpenAccountFile,
  { source }: PassingHistoryFile,
  options: VerifyBackupAccountFileOptions,
): Promise<Pick<VerifyReport, "conversations" | "totals" | "leftOut">> {
  const { account } = container.header;
  const throwAway = await flow.dormantInstallations.openThrowAway(account);
  try {
    const context = await createDormantContext(flow, {
      ...throwAway,
      // It is not registered: there is nothing for it to fetch.
      history: { ...throwAway.history, sync: async () => undefined },
    });
    const verified = await verifyBackup(context, source, options);
    const { conversations, totals, leftOut } = await importBackup(
      context,
      source,
      verified,
      { ...options, before: { consent: {}, alreadyThere: {} } },
    );
    return {
      conversations: conversations.map(
        ({ conversationId, sent, imported }) => ({
          conversationId,
          sent,
          imported,
        }),
      ),
      totals: {
        conversations: totals.conversations,
        messages: totals.imported,
      },
      leftOut,
    };
  } finally {
    await throwAway.dispose();
  }
}
