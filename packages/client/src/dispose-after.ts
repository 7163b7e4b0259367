/** Passes a stream on and calls back once when it has ended, failed or was cancelled. */
export function disposeAfter(
  source: ReadableStream<Uint8Array>,
  dispose: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
      } catch (error) {
        await dispose();
        throw error;
      }
      await dispose();
      controller.close();
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await dispose();
    },
  });
}
