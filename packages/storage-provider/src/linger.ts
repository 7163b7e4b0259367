import type { IncomingMessage, ServerResponse } from "node:http";

const lingerMs = 5_000;
const lingerBytes = 16 * 1024 * 1024;

/**
 * After an answer that did not wait for the whole body, reads and forgets the rest for a while. Closing at once would
 * reset the connection, and the client could lose the answer; reading on for ever would let it hold us.
 *
 * @param request whose body may be unread
 * @param response its answer
 */
export function lingerAfterAnswer(
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.once("finish", () => {
    if (request.complete || request.destroyed) return;
    let skipped = 0;
    const timer = setTimeout(() => {
      request.destroy();
    }, lingerMs);
    timer.unref();
    request.on("error", () => undefined);
    request.on("data", (chunk: Buffer) => {
      skipped += chunk.byteLength;
      if (skipped > lingerBytes) request.destroy();
    });
    request.once("close", () => {
      clearTimeout(timer);
    });
    request.resume();
  });
}
