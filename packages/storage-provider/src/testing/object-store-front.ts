import {
  createServer,
  request,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Location } from "../s3-client.js";
import { afterTest } from "./provider-fixture.js";

/** What reaches an object store, or would. */
export interface FrontRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Bytes of the body, as announced. */
  readonly bytes: number;
}

/** Decides about a request: `pass`es it on, or gives the answer itself. */
export type Interception = (
  request: FrontRequest,
  response: ServerResponse,
) => "pass" | "answered";

/** A server in front of a real object store. */
export interface ObjectStoreFront {
  readonly location: S3Location;
  /** Every request so far. */
  readonly requests: readonly FrontRequest[];
  /** What is done with requests from now on; `undefined`: all are passed on. */
  intercept: Interception | undefined;
  /** Cuts the next answers, each after so many bytes of its body. */
  readonly cutAfterBytes: number[];
}

/** Puts a real HTTP server before a real object store, which still checks every signature. */
export async function objectStoreFront(
  behind: S3Location,
): Promise<ObjectStoreFront> {
  const target = new URL(behind.endpoint);
  const requests: FrontRequest[] = [];
  const server = createServer((incoming, response) => {
    const seen = {
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      bytes: Number(incoming.headers["content-length"] ?? 0),
    };
    requests.push(seen);
    if (front.intercept?.(seen, response) === "answered") return;
    const outgoing = request(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        passOn(answer, response, front.cutAfterBytes);
      },
    );
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  afterTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const front: ObjectStoreFront = {
    location: { ...behind, endpoint: `http://127.0.0.1:${port}` },
    requests,
    intercept: undefined,
    cutAfterBytes: [],
  };
  return front;
}

function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  cutAfterBytes: number[],
): void {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  const cut = answer.statusCode === 206 ? cutAfterBytes.shift() : undefined;
  if (cut === undefined) {
    answer.pipe(response);
    return;
  }
  let left = cut;
  answer.on("data", (chunk: Buffer) => {
    response.write(chunk.subarray(0, left));
    left -= chunk.byteLength;
    if (left > 0) return;
    answer.destroy();
    // Once what was written is on its way.
    setImmediate(() => response.socket?.end());
  });
}
