import type { DecodedMessage, ListMessagesOptions } from "@xmtp/node-sdk";
import { ascending } from "./sdk-values.js";

/** Messages that are in memory at a time, usually. */
const usualPageSize = 100;

type Filter = Omit<ListMessagesOptions, "limit" | "direction" | "sortBy">;

/** The part of a conversation that pages are read from. */
export interface MessageSource {
  messages(options?: ListMessagesOptions): Promise<DecodedMessage<unknown>[]>;
  countMessages(options?: Filter): Promise<number>;
}

/**
 * Every message that the SDK shows of a conversation, oldest first, a page at a time.
 *
 * @param filter - what else to filter by
 */
export async function* readMessages(
  source: MessageSource,
  filter: Filter = {},
): AsyncGenerator<DecodedMessage<unknown>, void, undefined> {
  let from = filter;
  let limit = usualPageSize;
  let seen = new Set<string>();
  for (;;) {
    const page = await source.messages({
      ...from,
      limit,
      direction: ascending,
    });
    const fresh = page.filter(({ id }) => !seen.has(id));
    yield* fresh;
    const last = fresh.at(-1);
    if (last === undefined) {
      // The SDK drops what it cannot decode after it has counted to the limit: a page may be short without being the last.
      if (limit > (await source.countMessages(from))) return;
      limit *= 2;
      continue;
    }
    // It pages by time alone, and two messages may have the same one: the last moment is read once more.
    from = { ...filter, sentAfterNs: last.sentAtNs - 1n };
    limit = usualPageSize;
    seen = new Set(
      page
        .filter(({ sentAtNs }) => sentAtNs === last.sentAtNs)
        .map(({ id }) => id),
    );
  }
}
