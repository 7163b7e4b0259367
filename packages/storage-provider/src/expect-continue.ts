import type { IncomingMessage, Server, ServerResponse } from "node:http";

const waiting = new WeakSet<IncomingMessage>();

/**
 * Lets routes decide before the client sends its body (`Expect: 100-continue`, RFC 9110 section 10.1.1). Node.js would
 * answer 100 at once.
 *
 * @param server before it listens
 */
export function holdContinue(server: Server): void {
  server.on("checkContinue", (request, response) => {
    waiting.add(request);
    server.emit("request", request, response);
  });
}

/** Tells a waiting client to send its body. Call right before reading it. */
export function sendContinue(
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (waiting.delete(request)) response.writeContinue();
}

/** @returns whether the client still waits for leave to send its body */
export function awaitsContinue(request: IncomingMessage): boolean {
  return waiting.has(request);
}
