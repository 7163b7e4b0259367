import type { LeftOut } from "@carryover/backup-file";
import { counted } from "./format.js";

const reasons: Readonly<Record<string, string>> = {
  disappearing: "disappearing messages, whose end a backup cannot carry",
  outOfScope: "outside of what was asked for",
  unknownKind: "of a kind that this version does not know",
  messageWithoutConversation: "without their conversation",
  withoutConversation: "without their conversation",
};

/**
 * What was not part of a backup, and why: a sentence each. That backup channels are left out is no news to anybody.
 *
 * @param printable - makes words that somebody else chose fit to be shown
 */
export function leftOutSentences(
  leftOut: readonly LeftOut[],
  printable: (text: string) => string,
): string[] {
  return leftOut
    .filter(({ reason }) => reason !== "backupChannel")
    .map(({ reason, conversationCount, messageCount, otherCount }) => {
      const what = [
        [messageCount, "message"] as const,
        [conversationCount, "conversation"] as const,
        [otherCount, "other record"] as const,
      ]
        .filter(([count]) => count > 0)
        .map(([count, one]) => counted(count, one))
        .join(", ");
      return `Left out: ${what} (${Object.hasOwn(reasons, reason) ? reasons[reason] : printable(reason)}).`;
    });
}
