import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { CliError } from "../../cli-error.js";
import { webAppHeaders, type WebAppPlaces } from "./headers.js";

/** The web app, on this machine alone. */
export interface ServedWebApp {
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Serves the built app with its policy as headers, and with settings of its own for `config.json`.
 *
 * @param options.directory - of the built app
 * @param options.port - 0 takes a free one
 * @throws {CliError} `portInUse`
 */
export async function serveWebApp(
  options: { directory: string; port: number } & WebAppPlaces,
): Promise<ServedWebApp> {
  const { directory, port, networkWebUrl, storageUrl } = options;
  const headers = webAppHeaders(options);
  const config = JSON.stringify({
    environment: "local",
    networkUrl: new URL(networkWebUrl).origin,
    storageOrigins: [new URL(storageUrl).origin],
  });
  const server = createServer((request, response) => {
    answer(request, response, { directory, headers, config }).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(404, headers).end();
    });
  });
  const taken = await listen(server, port);
  return {
    // A name, not a number: passkeys need one.
    url: `http://localhost:${taken}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
  {
    directory,
    headers,
    config,
  }: { directory: string; headers: Record<string, string>; config: string },
): Promise<void> {
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, headers).end();
    return;
  }
  const { pathname } = new URL(url, "http://localhost");
  if (pathname === "/config.json") {
    response
      .writeHead(200, { ...headers, "content-type": "application/json" })
      .end(config);
    return;
  }
  const name = pathname === "/" ? "index.html" : decodeURIComponent(pathname);
  const path = normalize(join(directory, name));
  if (!path.startsWith(directory + sep)) throw new Error("outside");
  const found = await stat(path);
  if (!found.isFile()) throw new Error("no file");
  response.writeHead(200, {
    ...headers,
    "content-type": types[extname(path)] ?? "application/octet-stream",
    "content-length": found.size,
  });
  if (method === "HEAD") response.end();
  else createReadStream(path).pipe(response);
}

function listen(
  server: ReturnType<typeof createServer>,
  port: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new CliError(
          "portInUse",
          `port ${port} is in use`,
          "Nothing was started. Stop what uses it, choose another port with --web-port, or leave the web app out with --no-web-app.",
          { cause },
        ),
      ),
    );
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(
        typeof address === "object" && address !== null ? address.port : port,
      );
    });
  });
}
