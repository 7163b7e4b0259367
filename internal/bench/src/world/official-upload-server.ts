import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** A server that the SDK's own device sync uploads to and downloads from. */
export interface OfficialUploadServer {
  url: string;
  close(): Promise<void>;
}

/** As plain as such a server can be: `POST /upload` to a file, `GET /files/:id` from it. */
export async function startOfficialUploadServer(
  directory: string,
): Promise<OfficialUploadServer> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const id = /^\/files\/([0-9a-f-]{36})$/.exec(request.url ?? "")?.[1];
    if (request.method === "POST" && request.url === "/upload") {
      const name = randomUUID();
      await pipeline(request, createWriteStream(join(directory, name)));
      response.end(name);
    } else if (request.method === "GET" && id !== undefined) {
      const path = join(directory, id);
      response.setHeader("content-length", (await stat(path)).size);
      await pipeline(createReadStream(path), response);
    } else {
      response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // The SDK sends while it writes its archive, and Node gives a request five minutes: 100,000 messages take longer.
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
