import type { IncomingMessage, ServerResponse } from "node:http";

const lingerMs = 5_000;
const lingerBytes = 16 * 1024 * 1024;
const checkEveryMs = 50;

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
    const { socket } = request;
    const endAtMs = performance.now() + lingerMs;
    const endAtBytes = socket.bytesRead + lingerBytes;
    const watch = setInterval(() => {
      if (performance.now() > endAtMs || socket.bytesRead > endAtBytes) {
        socket.destroy();
      }
    }, checkEveryMs);
    watch.unref();
    request.on("error", () => undefined);
    request.once("close", () => {
      clearInterval(watch);
    });
    request.resume();
  });
}
