import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Connections } from "./connections.js";
import { lookEveryMs } from "./silent-connections.js";
import {
  readUnacknowledgedBytes,
  type UnacknowledgedBytes,
} from "./unacknowledged-bytes.js";

/** What a client must take of an answer. */
export interface ReaderPace {
  /** In which time, in milliseconds. */
  readonly idleMs: number;
  /** How much, in bytes a second; 0: anything at all. */
  readonly minBytesPerSecond: number;
}

interface Reader {
  /** Bytes that had reached the client when it last took enough. */
  readonly fromBytes: number;
  readonly takenBytes: number;
  readonly told: "by the system" | "by its room";
  /** Looks since then. */
  readonly looks: number;
}

/**
 * Cuts the connections of clients that do not take what is written for them.
 *
 * What has reached a client is what the system was given, less what it holds unacknowledged. That there is room in a
 * socket says less: Linux tells of it only when a third of megabytes is free, which takes a client of 20 kB/s more than a
 * minute. It has to do where the system does not say more.
 *
 * @param server before it listens
 * @param connections of the server
 * @param pace what is too slow
 * @param read for tests
 */
export function cutSlowReaders(
  server: Server,
  connections: Pick<Connections, "sockets">,
  pace: ReaderPace,
  read: () => Promise<UnacknowledgedBytes> = readUnacknowledgedBytes,
): void {
  const everyMs = lookEveryMs(pace.idleMs);
  const enoughBytes = Math.max(
    1,
    (pace.minBytesPerSecond * pace.idleMs) / 1_000,
  );
  const readers = new WeakMap<Socket, Reader>();
  let looking = false;

  const look = async () => {
    const waiting: { socket: Socket; givenBytes: number }[] = [];
    for (const socket of connections.sockets()) {
      if (socket.writableLength === 0) readers.delete(socket);
      // Before the system is asked: what it is given meanwhile must not count as taken.
      else waiting.push({ socket, givenBytes: givenTo(socket) });
    }
    if (waiting.length === 0) return;
    const unacknowledged = await read();
    for (const { socket, givenBytes } of waiting) {
      const before = readers.get(socket);
      const reader = progress(
        before,
        givenBytes,
        unacknowledged.of(socket),
        enoughBytes,
      );
      readers.set(socket, reader);
      // Looks are counted, not time: when this process stood still, nobody else was slow.
      if (reader.looks * everyMs > pace.idleMs) socket.destroy();
    }
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, everyMs);
  timer.unref();
  server.once("close", () => {
    clearInterval(timer);
  });
}

/** All but the one write that the system has not wholly taken. */
function givenTo(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

function progress(
  before: Reader | undefined,
  givenBytes: number,
  unacknowledgedBytes: number | undefined,
  enoughBytes: number,
): Reader {
  const told =
    unacknowledgedBytes === undefined
      ? (before?.told ?? "by its room")
      : "by the system";
  const takenBytes =
    unacknowledgedBytes !== undefined
      ? givenBytes - unacknowledgedBytes
      : told === "by its room"
        ? givenBytes
        : (before?.takenBytes ?? givenBytes);
  return before?.told === told && takenBytes < before.fromBytes + enoughBytes
    ? { ...before, takenBytes, looks: before.looks + 1 }
    : { fromBytes: takenBytes, takenBytes, told, looks: 0 };
}
