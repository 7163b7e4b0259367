import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { CarryoverError } from "@carryover/client";
import type { HttpLimits } from "./http-limits.js";
import { networkError, stopped, unavailable } from "./storage-errors.js";
import type { StorageTarget } from "./storage-target.js";
import { createWatchdog, type Watchdog } from "./watchdog.js";

/** Writes a body piece by piece. `write` resolves when there is room for more, and `false` when no more is wanted. */
export type BodySource = (
  write: (chunk: Uint8Array) => Promise<boolean>,
) => Promise<"complete" | "notWanted">;

/** One request. */
export interface HttpExchange {
  method: "POST" | "GET" | "DELETE";
  headers?: OutgoingHttpHeaders;
  /** Bytes that are there, or a stream that waits for leave to be sent (`Expect: 100-continue`). */
  body?: Uint8Array | BodySource;
  /** Whether a streamed body waits for leave; default `wait`. */
  leave?: "wait" | "goAhead" | undefined;
  signal?: AbortSignal | undefined;
  limits: HttpLimits;
  /** Certificates (PEM) that are trusted instead of the system's. */
  certificateAuthorities?: readonly string[] | undefined;
}

/** An answer whose body is still on its way. */
export interface HttpAnswer {
  readonly status: number;
  readonly message: IncomingMessage;
  readonly watchdog: Watchdog;
  /** Lets go of the connection. To be called on every path, unless the body is read to its end. */
  readonly drop: () => void;
}

/**
 * Sends one request on a connection of its own and waits for the answer's headers. Nothing is followed or repeated.
 *
 * @throws {CarryoverError} `storageUnavailable`, `storageRefused`, `redirectRefused`, `privateAddress`, `aborted`
 */
export function exchange(
  target: StorageTarget,
  options: HttpExchange,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { limits, signal } = options;
    if (signal?.aborted === true) {
      reject(stopped(signal));
      return;
    }
    const request = openRequest(target, options);
    let answer: IncomingMessage | undefined;
    const finish = () => {
      watchdog.rest();
      signal?.removeEventListener("abort", abort);
    };
    const fail = (error: Error) => {
      finish();
      (answer ?? request).destroy(error);
      reject(error);
    };
    const watchdog = createWatchdog((milliseconds) =>
      fail(unavailable(`no sign of life in ${milliseconds} ms`)),
    );
    const abort = () => fail(stopped(signal));
    signal?.addEventListener("abort", abort, { once: true });
    watchdog.watch(limits.connectTimeoutMs);

    let interimAnswers = 0;
    request.on("information", () => {
      interimAnswers += 1;
      if (interimAnswers > limits.maxInterimAnswers)
        fail(
          new CarryoverError(
            "storageRefused",
            "the storage service sends interim answers without end",
          ),
        );
    });
    request.on("error", (error) => fail(networkError(error)));
    request.on("close", () => {
      if (answer === undefined)
        fail(unavailable("the connection closed without answer"));
    });
    request.on("response", (message) => {
      answer = message;
      const status = message.statusCode ?? 0;
      const drop = () => {
        finish();
        message.destroy();
      };
      message.on("close", finish);
      // Who reads the body hears of it there.
      message.on("error", () => undefined);
      if (status >= 300 && status < 400) {
        drop();
        reject(
          new CarryoverError(
            "redirectRefused",
            "the storage service answers with a redirect",
          ),
        );
        return;
      }
      watchdog.rest();
      resolve({ status, message, watchdog, drop });
    });
    sendBody(request, options, watchdog, () => answer !== undefined).catch(
      (error: unknown) =>
        fail(error instanceof Error ? error : new Error("not an error")),
    );
  });
}

function openRequest(
  { url, lookup }: StorageTarget,
  {
    method,
    headers,
    body,
    leave,
    limits,
    certificateAuthorities,
  }: HttpExchange,
): ClientRequest {
  const open = url.protocol === "https:" ? httpsRequest : httpRequest;
  return open(url, {
    method,
    lookup,
    // One connection for one request: nothing is left open, and no other request can be mixed up with it.
    agent: false,
    maxHeaderSize: limits.maxHeaderBytes,
    insecureHTTPParser: false,
    rejectUnauthorized: true,
    ...(certificateAuthorities && { ca: [...certificateAuthorities] }),
    headers: {
      accept: "application/json, application/octet-stream;q=0.9, */*;q=0.1",
      "accept-encoding": "identity",
      "user-agent": "carryover",
      ...(body instanceof Uint8Array && { "content-length": body.length }),
      ...(typeof body === "function" &&
        leave !== "goAhead" && { expect: "100-continue" }),
      ...headers,
    },
  });
}

async function sendBody(
  request: ClientRequest,
  { body, leave, limits, signal }: HttpExchange,
  watchdog: Watchdog,
  isAnswered: () => boolean,
): Promise<void> {
  if (typeof body !== "function") {
    request.end(body);
    await connected(request);
    if (!isAnswered()) watchdog.watch(limits.answerTimeoutMs);
    return;
  }
  request.flushHeaders();
  await connected(request);
  watchdog.rest();
  if (leave !== "goAhead") await leaveToSend(request, limits);
  const isOver = () => isAnswered() || request.destroyed;
  const outcome = await body(async (chunk) => {
    if (isOver()) return false;
    watchdog.watch(limits.idleTimeoutMs);
    if (!request.write(chunk))
      await oneOf(request, ["drain", "response", "close"]);
    // The next piece is ours to bring, and may take long.
    watchdog.rest();
    return !isOver();
  });
  if (signal?.aborted === true || isOver()) return;
  if (outcome === "complete") request.end();
  watchdog.watch(limits.answerTimeoutMs);
}

/** Resolves when the connection is up, or will never be. */
async function connected(request: ClientRequest): Promise<void> {
  const socket = await new Promise<Socket | undefined>((resolve) => {
    request.once("socket", resolve);
    request.once("close", () => resolve(undefined));
  });
  if (socket !== undefined)
    await oneOf(socket, [
      request.protocol === "https:" ? "secureConnect" : "connect",
      "close",
    ]);
}

/** RFC 9110, 10.1.1: a client "SHOULD NOT wait for an indefinite period". */
async function leaveToSend(
  request: ClientRequest,
  { continueTimeoutMs }: HttpLimits,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, continueTimeoutMs);
  });
  await Promise.race([
    oneOf(request, ["continue", "response", "close"]),
    waited,
  ]);
  clearTimeout(timer);
}

/** Resolves with the first of these events. */
function oneOf(
  emitter: Pick<NodeJS.EventEmitter, "once" | "removeListener">,
  names: readonly string[],
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of names) emitter.removeListener(name, done);
      resolve();
    };
    for (const name of names) emitter.once(name, done);
  });
}
