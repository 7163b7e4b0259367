import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server, and how many requests of each have no whole answer yet. */
export interface Connections {
  /** @returns requests under way on its connection, this one included */
  begin(request: IncomingMessage, response: ServerResponse): number;
  /** Ends those without a request under way, also where nothing or half a head has come: Node.js takes these for busy. */
  endQuiet(): void;
}

/** @param server before it listens */
export function watchConnections(server: Server): Connections {
  const underWay = new Map<Socket, number>();
  server.on("connection", (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once("close", () => underWay.delete(socket));
  });
  const add = (socket: Socket, change: number) => {
    const count = underWay.get(socket);
    if (count === undefined) return 0;
    underWay.set(socket, count + change);
    return count + change;
  };
  return {
    begin({ socket }, response) {
      response.once("close", () => add(socket, -1));
      return add(socket, 1);
    },
    endQuiet() {
      for (const [socket, count] of underWay) {
        if (count === 0) socket.destroy();
      }
    },
  };
}
