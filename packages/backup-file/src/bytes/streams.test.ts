import { describe, expect, it } from "vitest";
import { collectBytes, streamOfBytes } from "../testing/bytes.js";
import { codeOf } from "../testing/codes.js";
import { chunksOf, readAll, streamOf } from "./streams.js";

const stalled = (onCancel: (reason: unknown) => void) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Uint8Array.of(1)),
    cancel: onCancel,
  });

describe("chunksOf", () => {
  it("wraps the error of a stream", async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull() {
        throw new Error("gone");
      },
    });
    expect(await codeOf(collectBytes(chunksOf(stream, undefined)))).toBe(
      "sourceFailed",
    );
  });

  it("cancels the stream when its reader leaves", async () => {
    let cancelled = false;
    for await (const chunk of chunksOf(
      stalled(() => {
        cancelled = true;
      }),
      undefined,
    )) {
      expect(chunk).toEqual(Uint8Array.of(1));
      break;
    }
    expect(cancelled).toBe(true);
  });

  it("ends a read that waits when the signal fires", async () => {
    let cancelled = false;
    const controller = new AbortController();
    const chunks = chunksOf(
      stalled(() => {
        cancelled = true;
      }),
      controller.signal,
    );
    await chunks.next();
    const waiting = chunks.next();
    controller.abort(new Error("enough"));
    expect(await codeOf(waiting)).toBe("aborted");
    expect(cancelled).toBe(true);
  });

  it("does not begin when the signal has fired", async () => {
    const chunks = chunksOf(
      streamOfBytes(Uint8Array.of(1)),
      AbortSignal.abort(),
    );
    expect(await codeOf(chunks.next())).toBe("aborted");
  });
});

describe("streamOf", () => {
  it("asks for nothing before it is read", async () => {
    let asked = 0;
    async function* source() {
      for (;;) {
        asked += 1;
        yield Uint8Array.of(asked);
      }
    }
    const reader = streamOf(source()).getReader();
    await Promise.resolve();
    expect(asked).toBe(0);
    await reader.read();
    expect(asked).toBe(1);
  });

  it("ends the iterable when it is cancelled", async () => {
    let ended = false;
    async function* source() {
      try {
        yield Uint8Array.of(1);
        yield Uint8Array.of(2);
      } finally {
        ended = true;
      }
    }
    const reader = streamOf(source()).getReader();
    await reader.read();
    await reader.cancel();
    expect(ended).toBe(true);
  });

  it("gives all bytes", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);
    expect(await readAll(streamOfBytes(bytes, 7))).toEqual(bytes);
  });
});
