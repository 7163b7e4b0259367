import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

/** Static files on a port of their own: an origin of its own, with a storage of its own. */
export interface SiteServer {
  /** Without a slash at its end; with the path that the site is below. */
  readonly origin: string;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Serves a directory on loopback.
 *
 * @param options.below - path that all of it is below, such as `/some/place`
 * @param options.headers - of every answer, beside the usual ones
 */
export async function serveDirectory(
  directory: string,
  {
    below = "",
    headers = {},
  }: { below?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<SiteServer> {
  const server = createServer((request, response) => {
    const send = async () => {
      const asked = new URL(request.url ?? "/", "http://site").pathname;
      // A browser asks for it unasked, and would note at some later moment that it is missing.
      if (asked === "/favicon.ico") {
        response.writeHead(204).end();
        return;
      }
      if (!asked.startsWith(`${below}/`)) throw new Error("outside");
      const pathname = asked.slice(below.length);
      const path = normalize(
        join(directory, pathname === "/" ? "index.html" : pathname),
      );
      if (!path.startsWith(directory + sep)) throw new Error("outside");
      const { size } = await stat(path);
      response.writeHead(200, {
        "content-type": types[extname(path)] ?? "application/octet-stream",
        "content-length": size,
        "cache-control": "max-age=3600",
        ...headers,
      });
      createReadStream(path).pipe(response);
    };
    send().catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the site has no port");
  return {
    origin: `http://127.0.0.1:${address.port}${below}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
