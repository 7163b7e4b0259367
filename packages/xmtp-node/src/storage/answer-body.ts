import { CarryoverError } from "@carryover/client";
import type { HttpAnswer } from "./http-exchange.js";
import type { HttpLimits } from "./http-limits.js";
import { type Members, parseMembers } from "@carryover/xmtp-shared";
import { refused, unavailable } from "./storage-errors.js";

/**
 * The body of an answer as it arrives, at the reader's pace.
 *
 * @throws {CarryoverError} in the stream: `storageUnavailable` when it ends early or falls silent, `aborted`
 */
export function streamBody(
  { message, watchdog, drop }: HttpAnswer,
  limits: HttpLimits,
): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = message[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watchdog.watch(limits.idleTimeoutMs);
        try {
          const next: IteratorResult<Uint8Array, unknown> = await chunks.next();
          if (next.done !== true) {
            controller.enqueue(next.value);
            return;
          }
          if (!message.complete) throw new Error("incomplete");
          drop();
          controller.close();
        } catch (error) {
          drop();
          throw error instanceof CarryoverError
            ? error
            : unavailable("the download broke off", error);
        } finally {
          watchdog.rest();
        }
      },
      cancel: drop,
    },
    { highWaterMark: 0 },
  );
}

/**
 * Reads a small JSON object whole.
 *
 * @throws {CarryoverError} `storageRefused` when it is too large or no JSON object, `storageUnavailable`, `aborted`
 */
export async function readJson(
  answer: HttpAnswer,
  limits: HttpLimits,
): Promise<Members> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const deadline = performance.now() + limits.answerTimeoutMs;
  for await (const chunk of streamBody(answer, limits)) {
    bytes += chunk.length;
    if (performance.now() > deadline)
      throw unavailable("the storage service answers too slowly");
    if (bytes > limits.maxJsonBytes)
      throw refused("the storage service answers with too much");
    chunks.push(chunk);
  }
  return parseMembers(Buffer.concat(chunks).toString("utf8"));
}
