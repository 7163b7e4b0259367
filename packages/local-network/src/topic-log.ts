/** An entry of a topic log. `id` grows strictly over all topics of the log. */
export interface TopicEntry {
  readonly id: bigint;
  readonly createdNs: bigint;
  /** Hex of the group id or installation id that it belongs to. */
  readonly topic: string;
}

/** One page of a query. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** 0 when there can be no more. */
  readonly nextCursor: bigint;
}

/** Which page of a topic to read. */
export interface PageRequest {
  readonly direction: "ascending" | "descending";
  /** Entries to return at most, from 1 up. */
  readonly limit: number;
  /** Exclusive; 0 starts at the end that the direction begins with. */
  readonly cursor: bigint;
}

/** A filter of a subscription. */
export interface TopicFilter {
  readonly topic: string;
  /** Entries after this id are delivered. */
  readonly afterId: bigint;
}

/** The reading side of a log. There is an index per topic: paging never scans what it does not return. */
export interface TopicReader<Entry extends TopicEntry> {
  page(topic: string, request: PageRequest): Page<Entry>;
  newest(topic: string): Entry | undefined;
  /**
   * Yields what each filter asks for from the past, then everything new in the order of arrival, with no gap and no
   * entry twice, until `signal` aborts. A slow reader costs no memory: what it has not read stays in the log only.
   */
  follow(
    filters: readonly TopicFilter[],
    signal: AbortSignal,
  ): AsyncGenerator<Entry, void, void>;
}

/** An append-only log of entries that belong to topics. */
export interface TopicLog<Entry extends TopicEntry> extends TopicReader<Entry> {
  /** The id must be greater than all before it. */
  append(entry: Entry): void;
  /** Removes the entries that the predicate names; returns how many. */
  remove(isRemoved: (entry: Entry) => boolean): number;
  /** In order of id. */
  entries(): readonly Entry[];
}

const historyPage = 100;

/** Creates an empty log. */
export function createTopicLog<Entry extends TopicEntry>(): TopicLog<Entry> {
  let all: Entry[] = [];
  const byTopic = new Map<string, Entry[]>();
  const followers = new Map<string, Set<() => void>>();

  const page = (topic: string, request: PageRequest): Page<Entry> => {
    const list = byTopic.get(topic) ?? [];
    let entries: Entry[];
    if (request.direction === "ascending") {
      const start = indexAfter(list, request.cursor);
      entries = list.slice(start, start + request.limit);
    } else {
      const end =
        request.cursor === 0n
          ? list.length
          : indexAfter(list, request.cursor - 1n);
      entries = list.slice(Math.max(0, end - request.limit), end).reverse();
    }
    const last = entries.at(-1);
    return {
      entries,
      nextCursor:
        last !== undefined && entries.length >= request.limit ? last.id : 0n,
    };
  };

  const watch = (topics: Iterable<string>, wake: () => void): (() => void) => {
    for (const topic of topics) {
      const set = followers.get(topic);
      if (set === undefined) followers.set(topic, new Set([wake]));
      else set.add(wake);
    }
    return () => {
      for (const topic of topics) {
        const set = followers.get(topic);
        set?.delete(wake);
        if (set?.size === 0) followers.delete(topic);
      }
    };
  };

  return {
    append: (entry) => {
      all.push(entry);
      const list = byTopic.get(entry.topic);
      if (list === undefined) byTopic.set(entry.topic, [entry]);
      else list.push(entry);
      for (const wake of followers.get(entry.topic) ?? []) wake();
    },
    page,
    newest: (topic) => byTopic.get(topic)?.at(-1),
    remove: (isRemoved) => {
      const kept = all.filter((entry) => !isRemoved(entry));
      const removed = all.length - kept.length;
      if (removed === 0) return 0;
      all = kept;
      byTopic.clear();
      for (const entry of all) {
        const list = byTopic.get(entry.topic);
        if (list === undefined) byTopic.set(entry.topic, [entry]);
        else list.push(entry);
      }
      return removed;
    },
    entries: () => all,
    async *follow(filters, signal) {
      const topics = new Set(filters.map((filter) => filter.topic));
      const sentUpTo = new Map<string, bigint>();
      let liveAfter = all.at(-1)?.id ?? 0n;

      const isNew = (entry: Entry): boolean => {
        if (entry.id <= (sentUpTo.get(entry.topic) ?? 0n)) return false;
        sentUpTo.set(entry.topic, entry.id);
        return true;
      };

      let wake: (() => void) | undefined;
      const onChange = (): void => wake?.();
      const unwatch = watch(topics, onChange);
      signal.addEventListener("abort", onChange);
      try {
        for (const filter of filters) {
          let cursor = filter.afterId;
          do {
            const { entries, nextCursor } = page(filter.topic, {
              direction: "ascending",
              limit: historyPage,
              cursor,
            });
            for (const entry of entries) {
              if (signal.aborted) return;
              if (isNew(entry)) yield entry;
            }
            cursor = nextCursor;
          } while (cursor !== 0n);
        }
        while (!signal.aborted) {
          let index = indexAfter(all, liveAfter);
          let next = all[index];
          while (
            next !== undefined &&
            !(topics.has(next.topic) && isNew(next))
          ) {
            liveAfter = next.id;
            index += 1;
            next = all[index];
          }
          if (next === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          } else {
            liveAfter = next.id;
            yield next;
          }
        }
      } finally {
        signal.removeEventListener("abort", onChange);
        unwatch();
      }
    },
  };
}

/** Index of the first entry with an id greater than `id`; the entries are in order of id. */
function indexAfter(list: readonly TopicEntry[], id: bigint): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = list[middle];
    if (entry !== undefined && entry.id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
