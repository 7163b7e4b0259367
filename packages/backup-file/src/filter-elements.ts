import type { BackupElementRecord } from "./element/view.js";
import type { LeftOut } from "./plain/types.js";

/** What {@link filterElements} needs. */
export interface FilterElementsOptions {
  readonly elements:
    AsyncIterable<BackupElementRecord> | Iterable<BackupElementRecord>;
  /** Conversations to leave out, by id in lower-case hex, each with the reason for the manifest. */
  readonly conversations: ReadonlyMap<string, string>;
  /** Messages to leave out by themselves: gives the reason, or `undefined` to keep the element. */
  readonly reasonFor?: (record: BackupElementRecord) => string | undefined;
}

/** What is left, and what was not. */
export interface FilteredElements {
  /** What is left, in its order. Can be read once. */
  readonly elements: AsyncIterable<BackupElementRecord>;
  /** What was left out so far, by reason. Whole once `elements` has been read to its end. */
  readonly leftOut: () => readonly LeftOut[];
}

/**
 * Leaves whole conversations out, with their messages and the consent given to them, and counts what was left out by
 * reason: a conversation once, its messages, and everything else.
 */
export const filterElements = (
  options: FilterElementsOptions,
): FilteredElements => {
  const { conversations, reasonFor } = options;
  const counts = new Map<
    string,
    { conversations: Set<string>; messages: number; other: number }
  >();

  const conversationReason = ({ view }: BackupElementRecord) => {
    if (view.kind === "group" || view.kind === "message")
      return conversations.get(view.conversationId);
    if (view.kind === "consent" && view.entityType === "conversation")
      return conversations.get(view.entity);
    return undefined;
  };
  const count = (reason: string, { view }: BackupElementRecord): void => {
    let entry = counts.get(reason);
    if (entry === undefined) {
      entry = { conversations: new Set(), messages: 0, other: 0 };
      counts.set(reason, entry);
    }
    if (view.kind === "group") entry.conversations.add(view.conversationId);
    else if (view.kind === "message") entry.messages += 1;
    else entry.other += 1;
  };

  async function* kept(): AsyncGenerator<BackupElementRecord, void, undefined> {
    for await (const record of options.elements) {
      const reason = conversationReason(record) ?? reasonFor?.(record);
      if (reason === undefined) yield record;
      else count(reason, record);
    }
  }
  return {
    elements: kept(),
    leftOut: () =>
      [...counts].map(([reason, entry]) => ({
        reason,
        conversationCount: entry.conversations.size,
        messageCount: entry.messages,
        otherCount: entry.other,
      })),
  };
};
