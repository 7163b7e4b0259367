import { expect, test } from "vitest";
import { streamOf } from "./testing/stream-of.js";
import { disposeAfter } from "./dispose-after.js";

function counted() {
  let count = 0;
  return { dispose: async () => void (count += 1), count: () => count };
}

test("disposes once at the end, and not before", async () => {
  const disposal = counted();
  const reader = disposeAfter(
    streamOf([Uint8Array.of(1)]),
    disposal.dispose,
  ).getReader();
  expect((await reader.read()).value).toEqual(Uint8Array.of(1));
  expect((await reader.read()).done).toBe(true);
  expect(disposal.count()).toBe(1);
});

test("disposes when the source fails, and passes the failure on", async () => {
  const disposal = counted();
  const failing = new ReadableStream<Uint8Array>({
    pull: () => Promise.reject(new Error("broken")),
  });
  const reader = disposeAfter(failing, disposal.dispose).getReader();
  await expect(reader.read()).rejects.toThrow("broken");
  expect(disposal.count()).toBe(1);
});

test("disposes when the reader goes away", async () => {
  const disposal = counted();
  await disposeAfter(streamOf([Uint8Array.of(1)]), disposal.dispose).cancel();
  expect(disposal.count()).toBe(1);
});
