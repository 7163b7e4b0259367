/**
 * Passes a stream on, but lets its last chunk go only after `beforeLast` has resolved. Whoever receives the whole stream
 * does so after that moment, and no earlier.
 */
export function holdBackLastChunk(
  source: ReadableStream<Uint8Array>,
  beforeLast: () => Promise<void>,
): ReadableStream<Uint8Array> {
  let held: Uint8Array | undefined;
  return source.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (held !== undefined) controller.enqueue(held);
        held = chunk;
      },
      async flush(controller) {
        await beforeLast();
        if (held !== undefined) controller.enqueue(held);
      },
    }),
  );
}
