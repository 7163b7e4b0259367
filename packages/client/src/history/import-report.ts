import type { InstallationId } from "@carryover/protocol";
import type { ConversationReport, ImportReport } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import type { BeforeImport } from "../state/engine-state.js";
import type { VerifiedBackup } from "./verify-backup.js";

/** What a person is told of an import, conversation by conversation. */
export async function reportImport(
  { history }: EngineContext,
  { sent, leftOut }: VerifiedBackup,
  before: BeforeImport,
  suppliedBy: InstallationId | undefined,
): Promise<ImportReport> {
  const liveness = new Map(
    (await history.listConversations()).map((info) => [
      info.conversationId,
      info.liveness,
    ]),
  );
  const conversations: ConversationReport[] = [...sent].map(
    ([conversationId, count]) => {
      const alreadyThere = before.alreadyThere[conversationId] ?? 0;
      return {
        conversationId,
        sent: count,
        alreadyThere,
        imported: count - alreadyThere,
        liveness: liveness.get(conversationId) ?? "unknown",
      };
    },
  );
  const sum = (part: "sent" | "imported" | "alreadyThere") =>
    conversations.reduce((total, report) => total + report[part], 0);
  return {
    ...(suppliedBy !== undefined && { suppliedBy }),
    conversations,
    totals: {
      conversations: conversations.length,
      sent: sum("sent"),
      imported: sum("imported"),
      alreadyThere: sum("alreadyThere"),
    },
    leftOut,
  };
}
