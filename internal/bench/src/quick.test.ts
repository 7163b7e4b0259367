import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parseOptions } from "./options.js";
import type { Measurements } from "./run-bench.js";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

test("a quick run moves a history both ways and measures everything that it should", async () => {
  const { stdout } = await run(
    process.execPath,
    [program, "--quick", "--json"],
    {
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  const { moves, empty, file } = JSON.parse(stdout) as Measurements;
  expect(moves).toMatchObject([
    {
      messages: 1_000,
      conversations: 40,
      pairs: [{ carryover: { live: 40 }, official: { live: 40 } }],
    },
  ]);
  const pair = moves[0]?.pairs[0];
  const official = pair?.official === "hang" ? undefined : pair?.official;
  for (const move of [pair?.carryover, official]) {
    expect(move?.timeMs).toBeGreaterThan(0);
    // Each message has an id of 32 bytes that nothing compresses.
    expect(move?.httpUpBytes).toBeGreaterThan(32_000);
    expect(move?.httpDownBytes).toBeGreaterThan(32_000);
  }
  const shares = Object.values(pair?.carryover.shares ?? {});
  const handOverMs = pair?.carryover.handOverMs ?? 0;
  expect(handOverMs).toBeGreaterThan(0);
  expect(shares.reduce((sum, each) => sum + each, handOverMs)).toBeCloseTo(
    pair?.carryover.timeMs ?? 0,
    3,
  );
  // The one figure that a busy machine does not change.
  expect(
    (pair?.carryover.httpUpBytes ?? 0) / (official?.httpUpBytes ?? 1),
  ).toBeLessThan(0.4);
  expect(empty).toHaveLength(1);
  expect(file?.messages).toBe(20_000);
}, 240_000);

test("the command line says what is measured, and refuses what it does not know", () => {
  expect(parseOptions(["--moves", "10:2,300", "--markdown"])).toEqual({
    moves: [
      { messages: 10, runs: 2 },
      { messages: 300, runs: 1 },
    ],
    emptyRuns: 5,
    fileMessages: 200_000,
    storageRounds: 3,
    format: "markdown",
  });
  expect(parseOptions(["--help"])).toBeUndefined();
  for (const args of [["--moves", "ten"], ["--moves", "1:2:3"], ["--mvoes"]])
    expect(() => parseOptions(args)).toThrow();
});
