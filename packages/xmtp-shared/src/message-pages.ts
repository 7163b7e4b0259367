import type {
  SdkCount,
  SdkMessage,
  SdkMessageFilter,
  SdkMessageSource,
} from "./sdk-client.js";
import { ascending } from "./sdk-values.js";

/** Messages that are in memory at a time, usually. */
const usualPageSize = 100;

/**
 * Every message that the SDK shows of a conversation, oldest first, a page at a time.
 *
 * @param filter - what else to filter by
 * @param pageSize - a limit as the SDK takes it
 */
export async function* readMessages(
  source: SdkMessageSource,
  filter: SdkMessageFilter = {},
  pageSize: (size: number) => SdkCount = (size) => size,
): AsyncGenerator<SdkMessage, void, undefined> {
  let from = filter;
  let limit = usualPageSize;
  let seen = new Set<string>();
  for (;;) {
    const page = await source.messages({
      ...from,
      limit: pageSize(limit),
      direction: ascending,
    });
    const fresh = page.filter(({ id }) => !seen.has(id));
    yield* fresh;
    const last = fresh.at(-1);
    if (last === undefined) {
      // The SDK drops what it cannot decode after it has counted to the limit: a page may be short without being the last.
      if (limit > Number(await source.countMessages(from))) return;
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
