import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Connections } from "./connections.js";

interface Heard {
  readonly bytes: number;
  /** Looks since then. */
  readonly looks: number;
}

/**
 * Cuts connections without anything under way on which nothing comes. A client that waits for its answer is not silent,
 * however long that takes us; what it is to take of one is a matter of {@link cutSlowReaders}. A connection that rests after
 * an answer is ended by the server's own `keepAliveTimeout`, which must not be longer than `idleMs`.
 *
 * @param server before it listens
 * @param connections of the server
 * @param idleMs longest silence, in milliseconds
 */
export function cutSilentConnections(
  server: Server,
  connections: Pick<Connections, "sockets" | "underWay">,
  idleMs: number,
): void {
  const everyMs = lookEveryMs(idleMs);
  const heard = new WeakMap<Socket, Heard>();
  const timer = setInterval(() => {
    for (const socket of connections.sockets()) {
      const bytes = socket.bytesRead;
      const before = heard.get(socket);
      const isSilent =
        before?.bytes === bytes &&
        socket.writableLength === 0 &&
        connections.underWay(socket).length === 0;
      const looks = isSilent ? before.looks + 1 : 0;
      heard.set(socket, { bytes, looks });
      // Looks are counted, not time: when this process stood still, what has come meanwhile is read between two of them.
      if (looks * everyMs > idleMs) socket.destroy();
    }
  }, everyMs);
  timer.unref();
  server.once("close", () => {
    clearInterval(timer);
  });
}

/** @returns how often to look whether something has lasted for `idleMs`, in milliseconds */
export function lookEveryMs(idleMs: number): number {
  return Math.min(5_000, Math.max(10, idleMs / 8));
}
