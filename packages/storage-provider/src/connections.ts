import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A request whose answer has not ended; a client that sends ahead (pipelining) has several on a connection. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The connections of a server, and the requests of each that have no whole answer yet. */
export interface Connections {
  /** @returns requests under way on its connection, this one included */
  begin(request: IncomingMessage, response: ServerResponse): number;
  /** @returns what is under way on a connection, in the order in which it came */
  underWay(socket: Socket): readonly Exchange[];
  /** @returns those that are open */
  readonly sockets: () => Iterable<Socket>;
  /** Ends those without a request under way, also where nothing or half a head has come: Node.js takes these for busy. */
  endQuiet(): void;
}

/**
 * Follows the connections of a server. An answer is closed when its connection ends: Node.js does so only for the one that
 * a connection is busy with, and what is held for the others would be held for ever.
 *
 * @param server before it listens
 */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, Set<Exchange>>();
  server.on("connection", (socket: Socket) => {
    const exchanges = new Set<Exchange>();
    connections.set(socket, exchanges);
    socket.once("close", () => {
      connections.delete(socket);
      // Once Node.js has told the one that it knows.
      process.nextTick(closeAll, exchanges);
    });
  });
  return {
    begin(request, response) {
      const exchanges = connections.get(request.socket);
      if (exchanges === undefined) return 0;
      const exchange = { request, response };
      exchanges.add(exchange);
      response.once("close", () => exchanges.delete(exchange));
      return exchanges.size;
    },
    sockets: () => connections.keys(),
    underWay: (socket) => [...(connections.get(socket) ?? [])],
    endQuiet() {
      for (const [socket, exchanges] of connections) {
        if (exchanges.size === 0) socket.destroy();
      }
    },
  };
}

function closeAll(exchanges: ReadonlySet<Exchange>): void {
  for (const { response } of [...exchanges]) {
    response.destroy();
    response.emit("close");
  }
}
