import type { InstallationId } from "@carryover/protocol";
import type { ConversationReport, ImportReport } from "../api.js";
import type { ConversationInfo } from "../ports/history.js";
import type { BeforeImport } from "../state/engine-state.js";
import type { VerifiedBackup } from "./verify-backup.js";

/**
 * What a person is told of an import, conversation by conversation.
 *
 * @param listed - every conversation, as it stands after the import
 */
export function reportImport(
  { sent, leftOut }: VerifiedBackup,
  before: BeforeImport,
  listed: readonly ConversationInfo[],
  suppliedBy: InstallationId | undefined,
): ImportReport {
  const liveness = new Map(
    listed.map((info) => [info.conversationId, info.liveness]),
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
