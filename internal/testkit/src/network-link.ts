import { connect, createServer, type Socket } from "node:net";

/** A stretch of wire between a client and a server, which a test can cut. */
export interface NetworkLink {
  /** What the client is given instead of the server's address. */
  readonly url: string;
  /** Tears down what is open and refuses what comes. */
  cut(): void;
  /** Keeps connections open and takes new ones, and lets nothing through any more. */
  silence(): void;
  /** Lets everything through again, on new connections. */
  mend(): void;
  close(): Promise<void>;
}

/** @param targetUrl - `http` address of the server */
export async function createNetworkLink(
  targetUrl: string,
): Promise<NetworkLink> {
  const { hostname, port } = new URL(targetUrl);
  let state: "up" | "cut" | "silent" = "up";
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const tearDown = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (state === "cut") {
      near.resetAndDestroy();
      return;
    }
    keep(near);
    if (state === "silent") return;
    const far = connect(Number(port), hostname);
    keep(far);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the link has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      state = "cut";
      tearDown();
    },
    silence: () => {
      state = "silent";
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    mend: () => {
      state = "up";
      tearDown();
    },
    close: async () => {
      tearDown();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
