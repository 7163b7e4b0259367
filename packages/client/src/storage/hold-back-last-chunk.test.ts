import { expect, test } from "vitest";
import { streamOf } from "../testing/stream-of.js";
import { holdBackLastChunk } from "./hold-back-last-chunk.js";

const chunks = (count: number) =>
  Array.from({ length: count }, (_, index) => Uint8Array.of(index));

test.each([1, 2, 3, 10])(
  "of %i chunks the last leaves only after the callback",
  async (count) => {
    const seen: (number | "callback")[] = [];
    const held = holdBackLastChunk(streamOf(chunks(count)), async () => {
      await Promise.resolve();
      seen.push("callback");
    });
    for await (const chunk of held) seen.push(chunk[0] ?? -1);
    const all = chunks(count).map((chunk) => chunk[0] ?? -1);
    expect(seen).toEqual([...all.slice(0, -1), "callback", count - 1]);
  },
);

test("when the callback fails the last chunk never leaves", async () => {
  const seen: number[] = [];
  const held = holdBackLastChunk(streamOf(chunks(3)), () =>
    Promise.reject(new Error("the disk is full")),
  );
  const reading = (async () => {
    for await (const chunk of held) seen.push(chunk[0] ?? -1);
  })();
  await expect(reading).rejects.toThrow("the disk is full");
  expect(seen).toEqual([0, 1]);
});
