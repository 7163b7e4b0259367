import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createGatheredChunks } from "./gathered-chunks.js";

const bytes = randomBytes(200_000);

test.each([
  ["single bytes", () => 1],
  ["pieces of any size", (at: number) => 1 + ((at * 7_919) % 5_000)],
  ["small and large ones in turn", (at: number) => (at % 2 === 0 ? 3 : 4_000)],
  ["pieces around a page", (at: number) => 2_045 + (at % 6)],
])("%s come back in order", (_what, lengthAt) => {
  const gathered = createGatheredChunks();
  for (const half of [bytes.subarray(0, 90_000), bytes.subarray(90_000)]) {
    for (let at = 0, turn = 0; at < half.byteLength; turn += 1) {
      const chunk = half.subarray(at, at + lengthAt(turn));
      gathered.add(chunk);
      at += chunk.byteLength;
    }
    expect(gathered.bytes).toBe(half.byteLength);
    expect(Buffer.concat(gathered.take()).equals(half)).toBe(true);
    expect(gathered.bytes).toBe(0);
  }
});

test("what was taken stays as it is while more is gathered", () => {
  const gathered = createGatheredChunks();
  gathered.add(bytes.subarray(0, 10));
  const taken = gathered.take();
  gathered.add(bytes.subarray(10, 20));
  expect(Buffer.concat(taken).equals(bytes.subarray(0, 10))).toBe(true);
});

test("single bytes take few chunks, and little more memory than they are", () => {
  const gathered = createGatheredChunks();
  for (let at = 0; at < 100_000; at += 1) {
    gathered.add(bytes.subarray(at, at + 1));
  }
  const taken = gathered.take();
  expect(taken.length).toBeLessThan(10);
  const held = new Set(taken.map(({ buffer }) => buffer));
  const heldBytes = [...held].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
  expect(heldBytes).toBeLessThan(150_000);
});
