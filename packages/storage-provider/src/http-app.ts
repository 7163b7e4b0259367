import { fastify, type FastifyInstance } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { watchConnections, type Connections } from "./connections.js";
import {
  asProblem,
  createClientErrorHandler,
  errorAnswers,
  sendProblem,
} from "./error-answers.js";
import { awaitsContinue, holdContinue } from "./expect-continue.js";
import { lingerAfterAnswer } from "./linger.js";
import { hasOwnPace } from "./read-body.js";
import type { RequestRecord } from "./request-record.js";
import { cutSilentConnections } from "./silent-connections.js";
import { cutSlowReaders } from "./slow-readers.js";

/** How the HTTP side behaves, whatever the routes are. */
export interface HttpAppOptions {
  /** Longest silence on a connection, in milliseconds. */
  readonly idleMs: number;
  /** What a client must take of an answer in that time, in bytes a second. */
  readonly minDownloadBytesPerSecond: number;
  /** Longest time for the headers of a request, in milliseconds. */
  readonly headersTimeoutMs: number;
  readonly trustedProxies: readonly string[];
  /** Told of every answered request. */
  readonly onAnswered: (record: RequestRecord) => void;
  /** Told of every error that is a fault of the service. */
  readonly onInternal: (error: unknown) => void;
}

/** An application, and what ends it. */
export interface HttpApp {
  readonly app: FastifyInstance;
  /** Stops listening, lets requests under way end for a while, then cuts them. */
  readonly closeWithin: (graceMs: number) => Promise<void>;
}

const keepAliveMs = 10_000;
/** Requests that a client may send before it has the answers; no usual one sends two. */
const maxUnanswered = 64;
const maxHeaderBytes = 16 * 1024;

/** @returns an application without routes: limits on what clients may do, problem documents, records, CORS */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const restMs = Math.min(keepAliveMs, options.idleMs);
  const app = fastify({
    logger: false,
    trustProxy:
      options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    keepAliveTimeout: restMs,
    // Bodies have a pace of their own; only the headers are timed here.
    requestTimeout: 0,
    http: {
      headersTimeout: options.headersTimeoutMs,
      connectionsCheckingInterval: Math.min(
        2_000,
        Math.max(20, options.headersTimeoutMs / 4),
      ),
      maxHeaderSize: maxHeaderBytes,
    },
    clientErrorHandler: createClientErrorHandler((socket) =>
      connections.underWay(socket),
    ),
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, asProblem(error));
    },
  });
  holdContinue(app.server);
  const connections = watchConnections(app.server);
  cutSilentConnections(app.server, connections, {
    idleMs: options.idleMs,
    restMs,
    uselessMs: options.idleMs + options.headersTimeoutMs,
  });
  cutSlowReaders(app.server, connections, {
    idleMs: options.idleMs,
    minBytesPerSecond: options.minDownloadBytesPerSecond,
  });
  errorAnswers(app, options.onInternal);
  app.addHook("onRequest", (request, reply, done) => {
    if (connections.begin(request.raw, reply.raw) > maxUnanswered) {
      // Thousands of them come in one packet; an answer to each would be what they are sent for.
      request.raw.socket.destroy();
      return;
    }
    lingerAfterAnswer(request.raw, reply.raw);
    limitSmallBody(request.raw, options.headersTimeoutMs);
    done();
  });
  observe(app, options.onAnswered);
  openToBrowsers(app);
  app.addHook("onSend", (request, reply, _payload, done) => {
    // Not told to send its body, the client may or may not do so: the connection cannot be used again.
    if (awaitsContinue(request.raw)) reply.header("connection", "close");
    done();
  });
  return {
    app,
    closeWithin: (graceMs) => closeWithin(app, connections, graceMs),
  };
}

/** A body that is not a file is small, and has as long as headers have. */
function limitSmallBody(request: IncomingMessage, timeoutMs: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (!request.complete && !hasOwnPace(request)) request.destroy();
  }, timeoutMs);
  timer.unref();
  request.once("close", () => {
    clearTimeout(timer);
  });
}

async function closeWithin(
  app: FastifyInstance,
  connections: Connections,
  graceMs: number,
): Promise<void> {
  const timer = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  // A connection that a client keeps open after its last answer is no reason to wait.
  const sweep = setInterval(() => {
    connections.endQuiet();
  }, 50);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
    clearInterval(sweep);
  }
}

function observe(
  app: FastifyInstance,
  take: (record: RequestRecord) => void,
): void {
  // A request's bytes may have been read before it is known as one: they count from the end of the one before.
  const counted = new WeakMap<Socket, { read: number; written: number }>();
  app.addHook("onRequest", (request, reply, done) => {
    const startedAtMs = performance.now();
    const { socket } = request.raw;
    reply.raw.once("close", () => {
      const before = counted.get(socket) ?? { read: 0, written: 0 };
      const now = { read: socket.bytesRead, written: socket.bytesWritten };
      counted.set(socket, now);
      take({
        method: request.method,
        route: request.routeOptions.url ?? "unknown",
        status: wasBegun(reply.raw) ? reply.raw.statusCode : 0,
        receivedBytes: now.read - before.read,
        sentBytes: now.written - before.written,
        durationMs: Math.round(performance.now() - startedAtMs),
      });
    });
    done();
  });
}

/** @returns whether the head of an answer went out: of one that waits behind another it is only written down */
function wasBegun(response: ServerResponse): boolean {
  return (
    response.headersSent &&
    (response.socket !== null || response.writableFinished)
  );
}

/** Files and tickets are reached by secrets in the request, never by cookies: any page may ask. */
function openToBrowsers(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({
      "access-control-allow-origin": "*",
      "access-control-expose-headers":
        "accept-ranges, content-length, content-range, etag, location, repr-digest, retry-after",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    if (
      request.method === "OPTIONS" &&
      request.headers["access-control-request-method"] !== undefined
    ) {
      reply
        .headers({
          "access-control-allow-methods": "GET, HEAD, POST, DELETE",
          "access-control-allow-headers":
            "authorization, content-type, idempotency-key, if-match, if-none-match, if-range, range",
          "access-control-max-age": 86_400,
        })
        .code(204)
        .send();
      return;
    }
    done();
  });
}
