import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const open = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes an answer when its connection ends. Node.js does so only for the one answer that a connection is busy with: of
 * requests that a client sent ahead (pipelining), what is held for the others would be held for ever.
 */
export function endUnsentAnswers(
  { socket }: IncomingMessage,
  response: ServerResponse,
): void {
  const answers = open.get(socket) ?? watch(socket);
  answers.add(response);
  response.once("close", () => answers.delete(response));
}

function watch(socket: Socket): Set<ServerResponse> {
  const answers = new Set<ServerResponse>();
  open.set(socket, answers);
  socket.once("close", () => {
    for (const response of [...answers]) {
      response.destroy();
      response.emit("close");
    }
  });
  return answers;
}
