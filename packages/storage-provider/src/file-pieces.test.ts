import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { pooledBytes as pieceBytes } from "./buffer-pool.js";
import { sendFilePieces, type ReadAt } from "./file-pieces.js";

const file = randomBytes(5 * pieceBytes + 77);
const read: ReadAt = (buffer, position) => {
  const there = file.subarray(position, position + buffer.byteLength);
  there.copy(buffer);
  return Promise.resolve(there.byteLength === buffer.byteLength);
};
const whole = { first: 0, last: file.byteLength - 1 };

/** Looks at a chunk only when it calls back for it, as the system does that sends it. */
function lateSink(): { sink: Writable; received: () => Buffer } {
  const parts: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      setImmediate(() => {
        parts.push(Buffer.from(chunk));
        done();
      });
    },
  });
  return { sink, received: () => Buffer.concat(parts) };
}

test.each([
  ["everything", 0, file.byteLength - 1],
  ["one byte", pieceBytes, pieceBytes],
  ["exactly one piece", 3, pieceBytes + 2],
  ["a piece and a byte", 5, pieceBytes + 5],
  ["the end", 4 * pieceBytes + 1, file.byteLength - 1],
])("sends %s, each piece as it was read", async (_what, first, last) => {
  const { sink, received } = lateSink();
  await sendFilePieces(read, { first, last }, sink);
  expect(received().equals(file.subarray(first, last + 1))).toBe(true);
  expect(sink.writableEnded).toBe(false);
});

test("files that are sent side by side do not mix", async () => {
  const sent = await Promise.all(
    Array.from({ length: 20 }, async (_each, at) => {
      const { sink, received } = lateSink();
      await sendFilePieces(read, { first: at, last: whole.last }, sink);
      return received().equals(file.subarray(at));
    }),
  );
  expect(sent).toEqual(Array<boolean>(20).fill(true));
});

test("a file that ends early is an error, after what there was", async () => {
  const { sink, received } = lateSink();
  await expect(
    sendFilePieces(read, { first: 0, last: file.byteLength }, sink),
  ).rejects.toThrow("ends early");
  expect(received().equals(file.subarray(0, 5 * pieceBytes))).toBe(true);
});

test("a reading error ends it, also while a piece is being written", async () => {
  const { sink } = lateSink();
  const broken: ReadAt = (buffer, position) =>
    position === 0
      ? read(buffer, position)
      : Promise.reject(new Error("bad sector"));
  await expect(sendFilePieces(broken, whole, sink)).rejects.toThrow(
    "bad sector",
  );
});

test("a sink that closes in the middle of a write ends it", async () => {
  const stuck = new Writable({
    write() {
      setImmediate(() => stuck.destroy());
    },
  });
  await expect(sendFilePieces(read, whole, stuck)).rejects.toThrow();
});

test("a sink that calls back for nothing and closes later ends it", async () => {
  const silent = new Writable({ write: () => undefined });
  const sending = sendFilePieces(read, whole, silent);
  setImmediate(() => silent.emit("close"));
  await expect(sending).rejects.toThrow("the sink was closed");
});

test("a sink that is closed already gets nothing", async () => {
  const { sink, received } = lateSink();
  sink.destroy();
  await expect(sendFilePieces(read, whole, sink)).rejects.toThrow("closed");
  expect(received().byteLength).toBe(0);
});

test("is asked before every piece, and stops where it must", async () => {
  const { sink, received } = lateSink();
  const asked: number[] = [];
  await expect(
    sendFilePieces(read, whole, sink, (sentBytes) => {
      asked.push(sentBytes);
      return sentBytes === 2 * pieceBytes
        ? Promise.reject(new Error("stop"))
        : Promise.resolve();
    }),
  ).rejects.toThrow("stop");
  expect(asked).toEqual([0, pieceBytes, 2 * pieceBytes]);
  expect(received().equals(file.subarray(0, 2 * pieceBytes))).toBe(true);
});
