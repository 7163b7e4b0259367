import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createPieceWriter } from "./piece-writer.js";

test("a sink that was slow with a piece gets little at a time from then on", async () => {
  const sizes: number[] = [];
  const bytes: Buffer[] = [];
  let delayMs = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sizes.push(chunk.byteLength);
      bytes.push(Buffer.from(chunk));
      setTimeout(done, delayMs);
    },
  });
  const writer = createPieceWriter(sink);
  const piece = Buffer.from(
    Array.from({ length: 40_000 }, (_, at) => at % 251),
  );
  await writer.write(piece);
  delayMs = 600;
  await writer.write(piece);
  delayMs = 0;
  await writer.write(piece);
  writer.release();
  expect(sizes).toEqual([40_000, 40_000, 16_384, 16_384, 7_232]);
  expect(
    Buffer.concat(bytes).equals(Buffer.concat([piece, piece, piece])),
  ).toBe(true);
});
