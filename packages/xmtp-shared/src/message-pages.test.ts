import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMessages } from "./message-pages.js";
import type { SdkCount, SdkMessage, SdkMessageSource } from "./sdk-client.js";

interface Row {
  id: string;
  sentAtNs: bigint;
  /** Whether the SDK can decode it; what it cannot decode it counts, and does not give. */
  decodable: boolean;
}

/** Pages as the SDK does: by exclusive time, up to a limit, dropping what it cannot decode afterwards. */
function sourceOf(rows: readonly Row[]): SdkMessageSource & { calls: number } {
  const sorted = [...rows].sort((a, b) => Number(a.sentAtNs - b.sentAtNs));
  const after = (sentAfterNs: bigint | undefined) =>
    sorted.filter(
      ({ sentAtNs }) => sentAfterNs === undefined || sentAtNs > sentAfterNs,
    );
  const source = {
    calls: 0,
    messages: async (
      options: { sentAfterNs?: bigint; limit?: SdkCount } = {},
    ) => {
      source.calls += 1;
      return after(options.sentAfterNs)
        .slice(0, Number(options.limit ?? Infinity))
        .filter(({ decodable }) => decodable) as unknown as SdkMessage[];
    },
    countMessages: async (options: { sentAfterNs?: bigint } = {}) =>
      after(options.sentAfterNs).length,
  };
  return source;
}

async function idsOf(source: SdkMessageSource): Promise<string[]> {
  const ids = [];
  for await (const { id } of readMessages(source)) ids.push(id);
  return ids;
}

const rowsAt = (times: readonly number[], decodable = true): Row[] =>
  times.map((time, index) => ({
    id: `${time}-${index}`,
    sentAtNs: BigInt(time),
    decodable,
  }));

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

describe("readMessages", () => {
  it.each([0, 1, 99, 100, 101, 199, 200, 201, 1_000])(
    "gives each of %i messages once, in order",
    async (count) => {
      const rows = rowsAt(upTo(count));
      expect(await idsOf(sourceOf(rows))).toEqual(rows.map(({ id }) => id));
    },
  );

  it.each([1, 99, 100, 101, 350])(
    "gives each of %i messages of one moment once",
    async (count) => {
      const rows = rowsAt(upTo(count).map(() => 5));
      expect((await idsOf(sourceOf(rows))).sort()).toEqual(
        rows.map(({ id }) => id).sort(),
      );
    },
  );

  it("is not ended by messages that cannot be decoded", async () => {
    const rows = [
      ...rowsAt(upTo(350), false),
      ...rowsAt([1_000]),
      ...rowsAt(
        upTo(250).map(() => 2_000),
        false,
      ),
      ...rowsAt([2_000, 3_000]),
    ];
    expect(await idsOf(sourceOf(rows))).toEqual(
      rows.filter(({ decodable }) => decodable).map(({ id }) => id),
    );
  });

  it("gives every decodable message once, whatever the times", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ time: fc.nat(60), decodable: fc.boolean() }), {
          maxLength: 600,
        }),
        async (drawn) => {
          const rows = drawn.map(({ time, decodable }, index) => ({
            id: String(index),
            sentAtNs: BigInt(time),
            decodable,
          }));
          expect((await idsOf(sourceOf(rows))).sort()).toEqual(
            rows
              .filter(({ decodable }) => decodable)
              .map(({ id }) => id)
              .sort(),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
