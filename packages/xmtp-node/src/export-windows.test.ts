import fc from "fast-check";
import { expect, test } from "vitest";
import { planExportWindows } from "./export-windows.js";

const dayNs = 86_400n * 1_000_000_000n;
const nowNs = 1_790_000_000n * 1_000_000_000n;

/** A history of which all messages are looked at. */
const sampleOf = (sentAtNs: readonly bigint[]) => ({
  messageCount: sentAtNs.length,
  shareBefore: async (momentNs: bigint) =>
    sentAtNs.filter((at) => at < momentNs).length / sentAtNs.length,
});

const plan = (sentAtNs: readonly bigint[], parts: number, jitterNs = 7n) =>
  planExportWindows(sampleOf(sentAtNs), {
    parts,
    nowNs,
    jitterNs: () => jitterNs,
  });

test("a year of messages is cut into parts of about the same size", async () => {
  const year = Array.from(
    { length: 10_000 },
    (_, index) =>
      nowNs - 365n * dayNs + (BigInt(index) * 365n * dayNs) / 10_000n,
  );
  for (const parts of [2, 3, 4]) {
    const windows = await plan(year, parts);
    expect(windows).toHaveLength(parts);
    for (const { startNs = 0n, endNs = nowNs } of windows) {
      const share =
        year.filter((at) => at > startNs && at <= endNs).length / year.length;
      expect(Math.abs(share - 1 / parts)).toBeLessThan(0.11);
    }
  }
});

test("every moment is in exactly one part, whatever the history", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: 0n, max: 2n * nowNs }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.integer({ min: 1, max: 5 }),
      fc.bigInt({ min: 0n, max: 4_000_000_000n }),
      async (some, parts, jitterNs) => {
        const sentAtNs = Array.from({ length: 9_000 }, (_, index) => {
          const at = some[index % some.length];
          if (at === undefined) throw new Error("no moment");
          return at;
        });
        const windows = await plan(sentAtNs, parts, jitterNs);
        expect(windows.length).toBeLessThanOrEqual(parts);
        for (const at of [...some, 0n, nowNs])
          expect(
            windows.filter(
              ({ startNs, endNs }) =>
                (startNs === undefined || at > startNs) &&
                (endNs === undefined || at <= endNs),
            ),
          ).toHaveLength(1);
      },
    ),
    { numRuns: 20 },
  );
});

test("a short history is not cut, and one processor writes one part", async () => {
  const short = Array.from({ length: 7_999 }, () => nowNs - dayNs);
  expect(await plan(short, 4)).toEqual([{}]);
  expect(await plan([...short, nowNs], 1)).toEqual([{}]);
});

test("the moments are moved by chance, each for itself", async () => {
  const year = Array.from(
    { length: 8_000 },
    (_, index) => nowNs - (BigInt(index) * 365n * dayNs) / 8_000n,
  );
  const momentsOf = async (jitterNs: bigint) =>
    (await plan(year, 2, jitterNs))[0]?.endNs ?? 0n;
  expect((await momentsOf(11n)) - (await momentsOf(0n))).toBe(11n);
});
