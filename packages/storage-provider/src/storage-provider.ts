import { fastify, type FastifyInstance } from "fastify";
import type { Server } from "node:http";
import { authorizationRoute } from "./authorization-route.js";
import {
  createAuthorizer,
  type AuthorizationSettings,
} from "./authorization.js";
import type { PurgeReport } from "./blob-store.js";
import { deleteRoute } from "./delete-route.js";
import { createDirectoryStore } from "./directory-store.js";
import { downloadRoute } from "./download-route.js";
import {
  asProblem,
  createClientErrorHandler,
  errorAnswers,
  sendProblem,
} from "./error-answers.js";
import {
  awaitsContinue,
  holdContinue,
  sendContinue,
} from "./expect-continue.js";
import { lingerAfterAnswer } from "./linger.js";
import { startPurgeLoop } from "./purge-loop.js";
import { createMemoryRateLimiter } from "./rate-limit.js";
import type { ProviderLogger, RequestRecord } from "./request-record.js";
import type { ProviderClock, ProviderHooks, Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { createTicketOffice } from "./ticket.js";
import { uploadRoute } from "./upload-route.js";

/** What a storage provider runs with. */
export interface StorageProviderOptions {
  /** Where files are kept; made private. One running instance a directory. */
  readonly directory: string;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port to listen on; 0 (default) takes a free one. */
  readonly port?: number;
  /** Origin (and path, behind a proxy) in the URLs that are given out. Default: the address listened on. */
  readonly publicUrl?: string;
  /** Largest file in bytes. Default 5 GiB. */
  readonly maxBytes?: number;
  /** Bytes of all files together. Default: unlimited. */
  readonly maxTotalBytes?: number;
  /** Hours that a file is kept. Default 72. */
  readonly retentionHours?: number;
  /** Hours that an upload ticket is good. Default and most: `retentionHours`. */
  readonly ticketHours?: number;
  /** Who may obtain authorizations. */
  readonly authorization: AuthorizationSettings;
  /** Signs tickets: at least 32 random bytes, kept from start to start. */
  readonly ticketSecret: Uint8Array;
  /** Longest silence of an uploading or downloading client, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Slowest average of an upload after its first minute, in bytes a second. Default 1,024. */
  readonly minUploadBytesPerSecond?: number;
  /** How long an upload's average is not looked at, in milliseconds. Default 60,000. */
  readonly slowGraceMs?: number;
  /** Longest time for the headers of a request, in milliseconds. Default 20,000. */
  readonly headersTimeoutMs?: number;
  /** Proxies in front whose `X-Forwarded-For` is believed: addresses or CIDR ranges. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Pause between purges in milliseconds. Default 60,000. */
  readonly purgeEveryMs?: number;
  /** How long `close` lets transfers under way go on, in milliseconds. Default 10,000. */
  readonly closeGraceMs?: number;
  /** Reads the time. Default: the system's clock. */
  readonly clock?: ProviderClock;
  /** Takes log lines. Default: none are written. */
  readonly logger?: ProviderLogger;
  /** For tests. */
  readonly hooks?: ProviderHooks;
}

/** A running storage provider. */
export interface StorageProvider {
  /** Origin that it serves, without a slash at the end. */
  readonly url: string;
  /** The last 10,000 answered requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Purges what has expired now, without waiting for the loop. */
  purge(): Promise<PurgeReport>;
  /** Takes no more connections, lets transfers under way end, then cuts them; what is cut leaves nothing. */
  close(): Promise<void>;
}

/** Largest file where the settings do not say: 5 GiB. */
export const defaultMaxBytes = 5 * 1024 ** 3;

const hourMs = 3_600_000;
const keptRecords = 10_000;

/**
 * Starts a Backup Storage Provider.
 *
 * @param options see {@link StorageProviderOptions}
 * @returns once it listens
 * @throws StorageProviderError `settings-invalid`, `directory-unusable`, `unavailable` (the address cannot be listened on)
 */
export async function createStorageProvider(
  options: StorageProviderOptions,
): Promise<StorageProvider> {
  const clock = options.clock ?? { nowMs: () => Date.now() };
  const log = options.logger ?? (() => undefined);
  const retentionHours = atLeast(
    "retentionHours",
    options.retentionHours ?? 72,
    0,
  );
  const ticketHours = atLeast(
    "ticketHours",
    options.ticketHours ?? retentionHours,
    0,
  );
  if (ticketHours > retentionHours) {
    throw new StorageProviderError(
      "settings-invalid",
      `ticketHours: expected at most retentionHours (${retentionHours}), got ${ticketHours}`,
    );
  }
  const headersTimeoutMs = atLeast(
    "headersTimeoutMs",
    options.headersTimeoutMs ?? 20_000,
    1,
  );
  const idleMs = atLeast("idleTimeoutMs", options.idleTimeoutMs ?? 60_000, 1);
  let url =
    options.publicUrl === undefined ? "" : publicUrlOf(options.publicUrl);
  const tickets = createTicketOffice(options.ticketSecret);
  const authorizer = createAuthorizer(options.authorization, (perHour) =>
    createMemoryRateLimiter(perHour, () => performance.now()),
  );
  const maxBytes = atLeast("maxBytes", options.maxBytes ?? defaultMaxBytes, 1);
  const store = await createDirectoryStore({
    directory: options.directory,
    ...(options.maxTotalBytes === undefined
      ? {}
      : { maxTotalBytes: options.maxTotalBytes }),
  });

  const service: Service = {
    store,
    tickets,
    authorizer,
    clock,
    pace: {
      idleMs,
      minBytesPerSecond: options.minUploadBytesPerSecond ?? 1_024,
      graceMs: options.slowGraceMs ?? 60_000,
    },
    hooks: options.hooks ?? {},
    maxBytes,
    retentionMs: retentionHours * hourMs,
    ticketLifetimeMs: ticketHours * hourMs,
    publicUrl: () => url,
  };

  const clientErrors = createClientErrorHandler();
  const app = fastify({
    logger: false,
    trustProxy:
      options.trustedProxies === undefined
        ? false
        : [...options.trustedProxies],
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    connectionTimeout: idleMs,
    keepAliveTimeout: 10_000,
    // Bodies have a pace of their own; only the headers are timed here.
    requestTimeout: 0,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(
        2_000,
        Math.max(20, headersTimeoutMs / 4),
      ),
      maxHeaderSize: 16 * 1024,
    },
    clientErrorHandler: clientErrors.handle,
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, asProblem(error));
    },
  });
  const requests: RequestRecord[] = [];
  observe(app, (record) => {
    requests.push(record);
    if (requests.length > keptRecords) requests.shift();
    log({ level: "info", event: "request", fields: { ...record } });
  });
  errorAnswers(app, (error) => {
    log({
      level: "error",
      event: "internal-error",
      fields: { error: error instanceof Error ? error.name : typeof error },
    });
  });
  openToBrowsers(app);
  holdContinue(app.server);
  app.addHook("onRequest", (request, reply, done) => {
    clientErrors.watch(request.raw, reply.raw);
    lingerAfterAnswer(request.raw, reply.raw);
    done();
  });
  app.addHook("onSend", (request, reply, _payload, done) => {
    // Not told to send its body, the client may or may not do so: the connection cannot be used again.
    if (awaitsContinue(request.raw)) reply.header("connection", "close");
    done();
  });
  app.route({
    method: ["GET", "HEAD"],
    url: "/healthz",
    handler: async (_request, reply) => {
      await store.probe();
      reply.header("cache-control", "no-store");
      return { status: "ok" };
    },
  });
  await app.register((scope, _options, done) => {
    scope.addHook("preParsing", (request, reply, payload, next) => {
      sendContinue(request.raw, reply.raw);
      next(null, payload);
    });
    scope.removeContentTypeParser("text/plain");
    authorizationRoute(scope, service);
    done();
  });
  await app.register((scope, _options, done) => {
    // The route reads the body itself, once the ticket is checked.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, parsed) => {
      parsed(null);
    });
    uploadRoute(scope, service);
    done();
  });
  downloadRoute(app, service);
  deleteRoute(app, service);

  try {
    const listening = await app.listen({
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
    });
    if (url === "") url = listening;
  } catch (cause) {
    await store.close();
    throw new StorageProviderError(
      "unavailable",
      "the address cannot be listened on",
      { cause },
    );
  }
  const purging = startPurgeLoop(
    store,
    clock,
    options.purgeEveryMs ?? 60_000,
    (result) => {
      if ("error" in result) {
        log({
          level: "warn",
          event: "purge-failed",
          fields: { code: asProblem(result.error).code },
        });
      } else if (result.removed > 0) {
        log({ level: "info", event: "purge", fields: { ...result } });
      }
    },
  );
  log({ level: "info", event: "listening", fields: {} });

  return {
    url,
    requests,
    purge: () => purging.run(),
    async close() {
      await purging.stop();
      await closeWithin(app, options.closeGraceMs ?? 10_000);
      await store.close();
      log({ level: "info", event: "stopped", fields: {} });
    },
  };
}

function atLeast(name: string, value: number, minimum: number): number {
  if (!Number.isFinite(value) || value < minimum) {
    throw new StorageProviderError(
      "settings-invalid",
      `${name}: expected a number of at least ${minimum}`,
    );
  }
  return value;
}

function publicUrlOf(text: string): string {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (
      ["http:", "https:"].includes(url.protocol) &&
      url.search === "" &&
      url.hash === "" &&
      url.username === ""
    ) {
      return url.href.replace(/\/+$/, "");
    }
  }
  throw new StorageProviderError(
    "settings-invalid",
    "publicUrl: expected an http or https address without query, fragment or user",
  );
}

/** Files and tickets are reached by secrets in the request, never by cookies: any page may ask. */
function openToBrowsers(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({
      "access-control-allow-origin": "*",
      "access-control-expose-headers":
        "accept-ranges, content-length, content-range, etag, location, repr-digest, retry-after",
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

function observe(
  app: FastifyInstance,
  take: (record: RequestRecord) => void,
): void {
  app.addHook("onRequest", (request, reply, done) => {
    const startedAtMs = performance.now();
    const { socket } = request.raw;
    const readBefore = socket.bytesRead;
    reply.raw.once("close", () => {
      take({
        method: request.method,
        route: request.routeOptions.url ?? "unknown",
        status: reply.raw.headersSent ? reply.raw.statusCode : 0,
        receivedBytes: socket.bytesRead - readBefore,
        sentBytes: Number(reply.raw.getHeader("content-length") ?? 0),
        durationMs: Math.round(performance.now() - startedAtMs),
      });
    });
    done();
  });
}

async function closeWithin(
  app: FastifyInstance,
  graceMs: number,
): Promise<void> {
  const server: Server = app.server;
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}
