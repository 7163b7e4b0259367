import { BackupFileError } from "../errors.js";

/** Throws `aborted` once the signal has fired. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true)
    throw new BackupFileError(
      "aborted",
      "stopped by the caller",
      signal.reason,
    );
};

/**
 * The chunks of a stream, one at a time. Leaving the loop early cancels the stream.
 *
 * @throws BackupFileError `sourceFailed` when the stream fails, `aborted` when the signal fires
 */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let cancelReason: unknown;
  // A read that waits for a slow network must end when the caller stops.
  const onAbort = (): void => {
    void reader.cancel(signal?.reason).catch(() => undefined);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  let ended = false;
  try {
    // Not before there is a reader: a stream that is not wanted any more is cancelled all the same.
    throwIfAborted(signal);
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        ended = true;
        throwIfAborted(signal);
        if (cause instanceof BackupFileError) throw cause;
        throw new BackupFileError("sourceFailed", "reading failed", cause);
      });
      throwIfAborted(signal);
      if (done) {
        ended = true;
        return;
      }
      if (value.length > 0) yield value;
    }
  } catch (error) {
    cancelReason = error;
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    if (!ended) await reader.cancel(cancelReason).catch(() => undefined);
    reader.releaseLock();
  }
}

/** A stream that produces the next chunk only when it is asked for. Cancelling it ends the iterable. */
export const streamOf = (
  chunks: AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> => {
  const iterator: AsyncIterator<Uint8Array, unknown> =
    chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await iterator.next();
        if (step.done === true) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
};

/** All bytes of a stream. Only for what is known to be small. */
export const readAll = async (
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(stream, undefined)) {
    pieces.push(chunk);
    length += chunk.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};
