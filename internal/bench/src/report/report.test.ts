import { format } from "prettier";
import { expect, test } from "vitest";
import type { Pair } from "../measure-moves.js";
import { noShares } from "../intervals.js";
import { renderMarkdown } from "./render-markdown.js";
import { renderText } from "./render-text.js";
import { summarize } from "./summary.js";
import { replaceFigures } from "./write-document.js";

const bytes = {
  processorMs: 1_000,
  httpUpBytes: 1_000_000,
  httpDownBytes: 1_000_000,
  grpcBytes: 500_000,
  live: 40,
  peakBytes: 200_000_000,
};
const pair = (ours: number, theirs: number): Pair => ({
  carryover: {
    ...bytes,
    timeMs: ours,
    shares: { ...noShares(), createArchive: ours * 0.9, own: ours * 0.1 },
    handOverMs: 0,
  },
  official: {
    ...bytes,
    timeMs: theirs,
    httpUpBytes: 4_000_000,
    makingLive: { timeMs: 1_000, processorMs: 100, grpcBytes: 500_000 },
  },
});
const measurements = {
  moves: [
    {
      messages: 20_000,
      conversations: 40,
      pairs: [pair(8_000, 10_000), pair(9_000, 9_000), pair(6_000, 10_000)],
    },
  ],
  empty: [{ totalMs: 300, beyondNetworkMs: 200, ownMs: 100 }],
  file: {
    plainBytes: 60_000_000,
    fileBytes: 20_000_000,
    messages: 200_000,
    comparedWith: "gzip -3 | age",
    runs: [
      {
        carryover: { write: 80, read: 150 },
        compared: { write: 100, read: 100 },
      },
    ],
  },
  storage: ["10 MB up: ours 500 MB/s, plain 500 MB/s (1.00 x)"],
};

test("ratios are taken pair by pair, and their median is told with the range", () => {
  const time = summarize(measurements)
    .flatMap(({ rows }) => rows)
    .find(([name]) => name === "time");
  expect(time).toEqual([
    "time",
    "8.00 s",
    "10.00 s",
    "0.80 × (0.60–1.00)",
    "11.00 s",
    "0.73 × (0.55–0.90)",
  ]);
});

test("what the library's archives take by themselves is told beside the SDK's whole", () => {
  const archives = summarize(measurements)
    .flatMap(({ rows }) => rows)
    .find(([name]) => name === "of it the library's archives");
  expect(archives).toEqual([
    "of it the library's archives",
    "7.20 s",
    "",
    "0.72 × (0.54–0.90)",
    "",
    "0.65 × (0.49–0.81)",
  ]);
});

test("a hang is told as a hang", () => {
  const [first, ...others] = measurements.moves[0]?.pairs ?? [];
  if (first === undefined) throw new Error("there is no pair");
  const hung: Pair = { ...first, official: "hang" };
  const pairs = [hung, ...others];
  const text = renderText(
    summarize({
      ...measurements,
      moves: [{ messages: 1_000, conversations: 40, pairs }],
    }),
  );
  expect(text).toContain("The SDK hung in 1 of 3.");
  const all = renderText(
    summarize({
      ...measurements,
      moves: [{ messages: 1_000, conversations: 40, pairs: [hung] }],
    }),
  );
  expect(all).toMatch(/time +8\.00 s +hangs/);
});

test("tables in a document are laid out as Prettier does", async () => {
  const markdown = renderMarkdown(summarize(measurements));
  expect(await format(markdown, { parser: "markdown" })).toBe(markdown);
});

test("figures take the place of older figures, and nothing else changes", () => {
  const before =
    "# A\n\n<!-- figures: npm run bench -- --write docs/measurements.md -->\n\nold\n\n<!-- end of figures -->\n\nB\n";
  const after = replaceFigures(before, "new\n");
  expect(after).toBe(before.replace("old\n", "new\n"));
  expect(replaceFigures(after, "new\n")).toBe(after);
  expect(() => replaceFigures("# A\n", "new\n")).toThrow("no place");
});
