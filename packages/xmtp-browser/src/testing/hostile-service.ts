import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

/** A storage service of a test's own making, which lets any page ask. */
export interface HostileService {
  readonly url: string;
  /** `METHOD path`, and the headers, of what was asked; no questions of the browser's own. */
  readonly asked: readonly {
    what: string;
    headers: IncomingMessage["headers"];
  }[];
  close(): Promise<void>;
}

/** @param answer - called once the whole request is there */
export async function startHostileService(
  answer: (response: ServerResponse, body: Buffer) => void,
): Promise<HostileService> {
  const asked: { what: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "*, authorization");
    response.setHeader("access-control-allow-methods", "DELETE");
    response.setHeader("access-control-expose-headers", "*");
    if (request.method === "OPTIONS") {
      response.end();
      return;
    }
    asked.push({
      what: `${request.method} ${request.url}`,
      headers: request.headers,
    });
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the service has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
