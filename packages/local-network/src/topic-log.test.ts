import fc from "fast-check";
import { expect, test } from "vitest";
import { createTopicLog, type TopicEntry, type TopicLog } from "./topic-log.js";

const entry = (id: number, topic = "a"): TopicEntry => ({
  id: BigInt(id),
  createdNs: BigInt(id) * 10n,
  topic,
});

function logOf(...entries: TopicEntry[]): TopicLog<TopicEntry> {
  const log = createTopicLog<TopicEntry>();
  entries.forEach((each) => log.append(each));
  return log;
}

const ids = (entries: readonly TopicEntry[]) =>
  entries.map(({ id }) => Number(id));

const interleaved = logOf(
  entry(1),
  entry(2, "b"),
  entry(3),
  entry(4, "b"),
  entry(5),
  entry(6),
);

test.each([
  ["ascending", 0n, 2, [1, 3], 3n],
  ["ascending", 3n, 2, [5, 6], 6n],
  ["ascending", 6n, 2, [], 0n],
  ["ascending", 2n, 9, [3, 5, 6], 0n],
  ["descending", 0n, 2, [6, 5], 5n],
  ["descending", 5n, 2, [3, 1], 1n],
  ["descending", 1n, 2, [], 0n],
  ["descending", 4n, 9, [3, 1], 0n],
] as const)(
  "pages %s from cursor %s with limit %i",
  (direction, cursor, limit, expected, nextCursor) => {
    const page = interleaved.page("a", { direction, cursor, limit });
    expect(ids(page.entries)).toEqual(expected);
    expect(page.nextCursor).toBe(nextCursor);
  },
);

test("a topic that nobody wrote to has an empty page and nothing newest", () => {
  const page = interleaved.page("c", {
    direction: "ascending",
    cursor: 0n,
    limit: 1,
  });
  expect(page).toEqual({ entries: [], nextCursor: 0n });
  expect(interleaved.newest("c")).toBeUndefined();
  expect(interleaved.newest("b")?.id).toBe(4n);
});

test("removed entries are gone from every reader", () => {
  const log = logOf(entry(1), entry(2, "b"), entry(3));
  expect(log.remove(({ id }) => id === 3n)).toBe(1);
  expect(log.remove(({ id }) => id === 3n)).toBe(0);
  expect(log.newest("a")?.id).toBe(1n);
  expect(ids(log.entries())).toEqual([1, 2]);
});

async function take(
  stream: AsyncIterator<TopicEntry>,
  count: number,
): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) {
    const next = await stream.next();
    if (next.done === true) break;
    taken.push(Number(next.value.id));
  }
  return taken;
}

test("following gives what each filter asks for from the past, then everything new in order", async () => {
  const log = logOf(entry(1), entry(2, "b"), entry(3), entry(4, "c"));
  const stop = new AbortController();
  const stream = log.follow(
    [
      { topic: "a", afterId: 1n },
      { topic: "b", afterId: 0n },
    ],
    stop.signal,
  );
  expect(await take(stream, 2)).toEqual([3, 2]);
  const next = take(stream, 3);
  log.append(entry(5, "b"));
  log.append(entry(6, "c"));
  log.append(entry(7, "a"));
  log.append(entry(8, "b"));
  expect(await next).toEqual([5, 7, 8]);
  const end = take(stream, 1);
  stop.abort();
  expect(await end).toEqual([]);
});

test("following a topic twice gives every entry once", async () => {
  const log = logOf(entry(1), entry(2));
  const stream = log.follow(
    [
      { topic: "a", afterId: 0n },
      { topic: "a", afterId: 0n },
    ],
    new AbortController().signal,
  );
  const three = take(stream, 3);
  log.append(entry(3));
  expect(await three).toEqual([1, 2, 3]);
});

test("a follower that is aborted before it starts gives nothing", async () => {
  const stream = logOf(entry(1)).follow(
    [{ topic: "a", afterId: 0n }],
    AbortSignal.abort(),
  );
  expect(await take(stream, 1)).toEqual([]);
});

test("whatever arrives while a follower reads its past, it gets everything once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b"), { maxLength: 250 }),
      fc.array(
        fc.record({
          topic: fc.constantFrom("a", "b"),
          readsBefore: fc.integer({ min: 0, max: 3 }),
        }),
        { maxLength: 60 },
      ),
      async (past, live) => {
        const log = createTopicLog<TopicEntry>();
        let last = 0;
        const append = (topic: string) => log.append(entry((last += 1), topic));
        past.forEach(append);
        const stop = new AbortController();
        const stream = log.follow([{ topic: "a", afterId: 0n }], stop.signal);
        const got: number[] = [];
        for (const { topic, readsBefore } of live) {
          const available = log
            .entries()
            .filter(({ topic: of }) => of === "a").length;
          got.push(
            ...(await take(
              stream,
              Math.min(readsBefore, available - got.length),
            )),
          );
          append(topic);
        }
        const wanted = ids(log.entries().filter(({ topic }) => topic === "a"));
        got.push(...(await take(stream, wanted.length - got.length)));
        stop.abort();
        expect(got).toEqual(wanted);
        expect((await stream.next()).done).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("a page costs the same in a log of any size", () => {
  const log = createTopicLog<TopicEntry>();
  let reads = 0;
  const counted = (id: number, topic: string): TopicEntry => ({
    get id() {
      reads += 1;
      return BigInt(id);
    },
    createdNs: 0n,
    topic,
  });
  for (let id = 1; id <= 100_000; id += 1)
    log.append(counted(id, id % 2 === 0 ? "a" : "b"));
  reads = 0;
  const page = log.page("a", {
    direction: "ascending",
    cursor: 50_000n,
    limit: 100,
  });
  expect(page.entries.length).toBe(100);
  expect(reads).toBeLessThan(50);
});
