import { once } from "node:events";
import { createServer } from "node:net";

// Below what systems give to those who ask for any port.
const firstPort = 20_000;
const portCount = 10_000;

/**
 * A port for a server that stops and comes back: meanwhile the system gives it to nobody. The one that a server gets for
 * port 0 may be another test's by then.
 */
export async function keptPort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * portCount);
    const server = createServer();
    const isFree = once(server, "listening").then(
      () => true,
      () => false,
    );
    server.listen(port, "127.0.0.1");
    if (!(await isFree)) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
