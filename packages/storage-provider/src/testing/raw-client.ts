import { connect, type Socket } from "node:net";
import { afterTest } from "./provider-fixture.js";

/** A connection that speaks bytes, for what no HTTP client would send. */
export interface RawClient {
  readonly socket: Socket;
  send(data: string | Uint8Array): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves once the text is there; fails after ten seconds or when the connection ends without it. */
  receive(text: string | RegExp): Promise<string>;
  /** Resolves with everything received once the connection is closed. */
  closed(): Promise<string>;
}

/** Connects to the origin of a URL. */
export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  afterTest(async () => {
    socket.destroy();
  });
  let text = "";
  let ended = false;
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    notify();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    ended = true;
    notify();
  });
  const wait = (what: string, done: () => boolean) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (!done() && !ended) return;
        clearTimeout(timer);
        listeners.delete(check);
        if (done()) resolve(text);
        else reject(new Error(`closed before ${what}; received: ${text}`));
      };
      const timer = setTimeout(() => {
        listeners.delete(check);
        reject(new Error(`timed out: ${what}; received: ${text}`));
      }, 10_000);
      listeners.add(check);
      check();
    });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    send: (data) => {
      socket.write(data);
    },
    received: () => text,
    receive: (expected) =>
      wait(String(expected), () =>
        typeof expected === "string"
          ? text.includes(expected)
          : expected.test(text),
      ),
    closed: () => wait("close", () => ended),
  };
}

/** A whole multipart body with one file. */
export function multipartBody(
  content: string | Uint8Array,
  boundary = "b0undary",
): Buffer {
  return Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

/** The head of an upload request. */
export function uploadHead(
  uploadUrl: string,
  headers: readonly string[],
): string {
  const { pathname, search, host } = new URL(uploadUrl);
  return (
    [`POST ${pathname}${search} HTTP/1.1`, `Host: ${host}`, ...headers].join(
      "\r\n",
    ) + "\r\n\r\n"
  );
}
