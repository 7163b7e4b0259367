import type { Socket } from "node:net";

const allowed = new WeakMap<Socket, number>();

/**
 * Lets a connection be silent, until every one who asked for that has ended it. Node.js itself begins to count again
 * only when a connection has rested: not where a client has sent the next request ahead.
 *
 * @param socket of the connection
 * @param idleMs its longest silence afterwards, in milliseconds
 * @returns `end`, to be called once
 */
export function allowSilence(
  socket: Socket,
  idleMs: number,
): { readonly end: () => void } {
  allowed.set(socket, (allowed.get(socket) ?? 0) + 1);
  socket.setTimeout(0);
  return {
    end() {
      const left = (allowed.get(socket) ?? 1) - 1;
      allowed.set(socket, left);
      if (left === 0) socket.setTimeout(idleMs);
    },
  };
}
