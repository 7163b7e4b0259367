import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Connections } from "./connections.js";

/** How long a connection may be open while nothing is under way on it, in milliseconds. */
export interface Silence {
  /** With nothing coming, before its first answer. */
  readonly idleMs: number;
  /** With nothing coming, after an answer: what clients are told as `Keep-Alive`. */
  readonly restMs: number;
  /** Whatever comes, without ever becoming a request. */
  readonly uselessMs: number;
}

interface Quiet {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Looks since something came. */
  readonly silentLooks: number;
  /** Looks since something was under way. */
  readonly uselessLooks: number;
}

/**
 * Cuts connections without anything under way on which nothing comes, or nothing that becomes a request. A client that waits
 * for its answer is not silent, however long that takes us; what it is to take of one is a matter of `cutSlowReaders`.
 *
 * @param server before it listens
 * @param connections of the server
 * @param silence how long that may last
 */
export function cutSilentConnections(
  server: Server,
  connections: Pick<Connections, "sockets" | "underWay">,
  { idleMs, restMs, uselessMs }: Silence,
): void {
  const everyMs = lookEveryMs(Math.min(idleMs, restMs));
  const quiets = new WeakMap<Socket, Quiet>();
  const timer = setInterval(() => {
    for (const socket of connections.sockets()) {
      const isBusy =
        socket.writableLength > 0 || connections.underWay(socket).length > 0;
      const quiet = lookAt(socket, isBusy ? undefined : quiets.get(socket));
      quiets.set(socket, quiet);
      // Looks are counted, not time: when this process stood still, what has come meanwhile is read between two of them.
      if (
        quiet.silentLooks * everyMs >
          (socket.bytesWritten > 0 ? restMs : idleMs) ||
        quiet.uselessLooks * everyMs > uselessMs
      )
        socket.destroy();
    }
  }, everyMs);
  timer.unref();
  // Node.js ends a connection that rests by the clock, unless somebody else sees to it.
  server.on("timeout", () => undefined);
  server.once("close", () => {
    clearInterval(timer);
  });
}

/** @param before what the last look saw; `undefined` for what has just begun */
function lookAt(
  { bytesRead, bytesWritten }: Socket,
  before: Quiet | undefined,
): Quiet {
  const now = { bytesRead, bytesWritten, silentLooks: 0, uselessLooks: 0 };
  // Something may have been under way between two looks, and have its answer.
  if (before?.bytesWritten !== bytesWritten) return now;
  return {
    ...now,
    silentLooks: before.bytesRead === bytesRead ? before.silentLooks + 1 : 0,
    uselessLooks: before.uselessLooks + 1,
  };
}

/** @returns how often to look whether something has lasted for `idleMs`, in milliseconds */
export function lookEveryMs(idleMs: number): number {
  return Math.min(5_000, Math.max(10, idleMs / 8));
}
