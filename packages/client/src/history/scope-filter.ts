import {
  type BackupElementRecord,
  type FilteredElements,
  filterElements,
  type LeftOut,
} from "@carryover/backup-file";
import type { BackupScope } from "@carryover/protocol";
import type { History } from "../ports/history.js";
import { isBackupChannelGroup } from "./backup-channel-group.js";

export interface ScopeFilterOptions {
  scope: BackupScope;
  /** Conversations that are known to be backup channels, whatever their group record says. */
  backupChannelIds: ReadonlySet<string>;
  /** Whether a group that is marked as a backup channel holds somebody else, and so is none. */
  holdsOthers: (conversationId: string) => Promise<boolean>;
  history: Pick<History, "countMessages" | "countDisappearingMessages">;
}

const channelReason = "backupChannel";

/**
 * Takes out of an archive what does not belong into a backup: the backup channels themselves, and messages outside the
 * time range that was asked for. Counts that, and the disappearing messages that the library left out.
 */
export function filterByScope(
  source: AsyncIterable<BackupElementRecord>,
  { scope, backupChannelIds, holdsOthers, history }: ScopeFilterOptions,
): FilteredElements {
  const channels = new Map(
    Array.from(backupChannelIds, (id) => [id, channelReason]),
  );
  const archived = new Map<string, number>();
  const filtered = filterElements({
    elements: counted(),
    conversations: channels,
    reasonFor: ({ view }) => {
      if (view.kind === "message" && !isInRange(view.sentAtNs, scope))
        return "outsideTimeRange";
      return undefined;
    },
  });
  let leftOut: LeftOut[] = [];

  async function* counted(): AsyncGenerator<BackupElementRecord> {
    for await (const record of source) {
      const { view } = record;
      if (view.kind === "group") {
        if (
          isBackupChannelGroup(view) &&
          !(await holdsOthers(view.conversationId))
        )
          channels.set(view.conversationId, channelReason);
        archived.set(
          view.conversationId,
          archived.get(view.conversationId) ?? 0,
        );
      }
      if (view.kind === "message")
        archived.set(
          view.conversationId,
          (archived.get(view.conversationId) ?? 0) + 1,
        );
      yield record;
    }
    leftOut = await countDisappearing();
  }

  async function countDisappearing(): Promise<LeftOut[]> {
    let conversationCount = 0;
    let messageCount = 0;
    for (const [conversationId, count] of archived) {
      if (
        channels.has(conversationId) ||
        (await history.countMessages(conversationId)) <= count
      )
        continue;
      const here = await history.countDisappearingMessages(
        conversationId,
        scope,
      );
      messageCount += here;
      conversationCount += here > 0 ? 1 : 0;
    }
    return messageCount === 0
      ? []
      : [
          {
            reason: "disappearing",
            conversationCount,
            messageCount,
            otherCount: 0,
          },
        ];
  }

  return {
    elements: filtered.elements,
    leftOut: () => [...filtered.leftOut(), ...leftOut],
  };
}

function isInRange(sentAtNs: bigint, { startNs, endNs }: BackupScope): boolean {
  return (
    (startNs === undefined || sentAtNs >= startNs) &&
    (endNs === undefined || sentAtNs < endNs)
  );
}
