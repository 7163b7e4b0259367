import { type Server, type Socket } from "node:net";
import { type Connections } from "./faults.js";

/** Bytes on the wire since the start, HTTP framing included. */
export interface Traffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** All sockets of the servers that it watches. */
export interface WatchedConnections extends Connections {
  watch(server: Server): void;
  traffic(): Traffic;
}

/** Starts with no server to watch, accepting. */
export function createConnections(): WatchedConnections {
  const sockets = new Set<Socket>();
  let isAccepting = true;
  let receivedBytes = 0;
  let sentBytes = 0;

  return {
    watch: (server) => {
      server.on("connection", (socket: Socket) => {
        if (!isAccepting) {
          socket.resetAndDestroy();
          return;
        }
        sockets.add(socket);
        socket.once("close", () => {
          sockets.delete(socket);
          receivedBytes += socket.bytesRead;
          sentBytes += socket.bytesWritten;
        });
      });
    },
    disconnectAll: () => {
      const count = sockets.size;
      for (const socket of sockets) socket.destroy();
      return count;
    },
    setAccepting: (accepting) => {
      isAccepting = accepting;
    },
    traffic: () => {
      let received = receivedBytes;
      let sent = sentBytes;
      for (const socket of sockets) {
        received += socket.bytesRead;
        sent += socket.bytesWritten;
      }
      return { receivedBytes: received, sentBytes: sent };
    },
  };
}
