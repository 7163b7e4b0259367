import { createHash } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** One request that reached the server. */
export interface SeenRequest {
  method: string;
  /** With query. */
  path: string;
  bodyBytes: number;
}

/** Whether a request was dealt with, or is left to the server. */
export type Dealt = "answered" | "pass";

/** Told of every request once its body is read; may answer it instead of the server. */
export type Mischief = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<Dealt> | Dealt;

/** A storage service that does as it likes: in its plain form that of XIP-31, with two endpoints and no authorization. */
export interface HostileStorage {
  readonly url: string;
  /** Connections, whether or not a request came through them. */
  readonly connections: () => number;
  readonly requests: SeenRequest[];
  /** Uploaded files by path of their download URL; a test may put others in their place. */
  readonly files: Map<string, Uint8Array>;
  mischief: Mischief;
  close(): Promise<void>;
}

/** Starts one on a free port of loopback. */
export async function startHostileStorage(): Promise<HostileStorage> {
  const requests: SeenRequest[] = [];
  const files = new Map<string, Uint8Array>();
  let connections = 0;

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      bodyBytes: 0,
    };
    requests.push(seen);
    const body = await readBody(request);
    seen.bodyBytes = body.length;
    if ((await storage.mischief(request, response)) === "answered") return;
    if (seen.method === "POST" && seen.path.startsWith("/backups")) {
      const file = fileOf(body);
      if (file === undefined) {
        response.writeHead(400).end();
        return;
      }
      const path = `/backups/${files.size}`;
      files.set(path, file);
      answerJson(response, 201, { downloadUrl: `${storage.url}${path}` });
      return;
    }
    const file = files.get(seen.path);
    if (seen.method === "GET" && file !== undefined) {
      response
        .writeHead(200, { "content-length": file.length })
        .end(Buffer.from(file));
      return;
    }
    response.writeHead(404).end();
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const storage: HostileStorage = {
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    requests,
    files,
    mischief: () => "pass",
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return storage;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The one file in a `multipart/form-data` body. */
function fileOf(body: Buffer): Uint8Array | undefined {
  const headEnd = body.indexOf("\r\n\r\n");
  const boundaryEnd = body.indexOf("\r\n");
  if (headEnd < 0 || boundaryEnd < 0) return undefined;
  const boundary = body.subarray(0, boundaryEnd);
  const end = body.lastIndexOf(`\r\n${boundary.toString("latin1")}`);
  return new Uint8Array(body.subarray(headEnd + 4, end));
}

export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify(value));
}

/** Lower-case hex. */
export const sha256Hex = (bytes: Uint8Array) =>
  createHash("sha256").update(bytes).digest("hex");
