import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Bytes over the wire, HTTP's own included, as the server sees them. */
export interface HttpTraffic {
  receivedBytes: number;
  sentBytes: number;
}

const sockets = new Map<Socket, number>();
const closed = new Map<number, HttpTraffic>();
subscribe("net.server.socket", (message) => {
  const { socket } = message as { socket: Socket };
  const port = socket.localPort;
  if (port === undefined) return;
  sockets.set(socket, port);
  socket.once("close", () => {
    sockets.delete(socket);
    add(closed, port, socket);
  });
});

function add(
  totals: Map<number, HttpTraffic>,
  port: number,
  { bytesRead, bytesWritten }: Socket,
) {
  const total = totals.get(port) ?? { receivedBytes: 0, sentBytes: 0 };
  totals.set(port, {
    receivedBytes: total.receivedBytes + bytesRead,
    sentBytes: total.sentBytes + bytesWritten,
  });
}

/**
 * What went over a server of this process so far.
 *
 * @param url - of the server
 */
export function httpTraffic(url: string): HttpTraffic {
  const port = Number(new URL(url).port);
  const totals = new Map([
    [port, closed.get(port) ?? { receivedBytes: 0, sentBytes: 0 }],
  ]);
  for (const [socket, each] of sockets)
    if (each === port) add(totals, port, socket);
  return totals.get(port) ?? { receivedBytes: 0, sentBytes: 0 };
}
