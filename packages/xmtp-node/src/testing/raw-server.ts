import { createServer, type Socket } from "node:net";

/** A server that speaks whatever it is told, well-formed or not. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** What arrived on each connection, in order. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

/**
 * @param speak - called once for each connection as soon as the first bytes are there
 */
export async function startRawServer(
  speak: (socket: Socket, received: () => string) => void,
): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const index = received.push("") - 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    let begun = false;
    socket.on("data", (chunk) => {
      received[index] = (received[index] ?? "") + chunk.toString("latin1");
      if (begun) return;
      begun = true;
      speak(socket, () => received[index] ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    received,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
