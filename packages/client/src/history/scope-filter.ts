import {
  type BackupElementRecord,
  type ElementView,
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
  /** Other conversations that are known to be none, unless their group record says so. */
  ordinaryIds: ReadonlySet<string>;
  /** Asked of every conversation that is not known, once: it came while the archive was written. */
  isBackupChannel: (conversationId: string) => Promise<boolean>;
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
  {
    scope,
    backupChannelIds,
    ordinaryIds,
    isBackupChannel,
    holdsOthers,
    history,
  }: ScopeFilterOptions,
): FilteredElements {
  const channels = new Map(
    Array.from(backupChannelIds, (id) => [id, channelReason]),
  );
  const known = new Set([...backupChannelIds, ...ordinaryIds]);
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
      const conversationId = conversationOf(view);
      if (conversationId !== undefined && !known.has(conversationId)) {
        known.add(conversationId);
        if (await isBackupChannel(conversationId))
          channels.set(conversationId, channelReason);
      }
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

function conversationOf(view: ElementView): string | undefined {
  if (view.kind === "group" || view.kind === "message")
    return view.conversationId;
  return view.kind === "consent" && view.entityType === "conversation"
    ? view.entity
    : undefined;
}

function isInRange(sentAtNs: bigint, { startNs, endNs }: BackupScope): boolean {
  return (
    (startNs === undefined || sentAtNs >= startNs) &&
    (endNs === undefined || sentAtNs < endNs)
  );
}
