import { lookup } from "node:dns/promises";
import type { FastifyInstance } from "fastify";
import { createHash, timingSafeEqual } from "node:crypto";
import { authorizationRoute, challengeRoute } from "./authorization-route.js";
import {
  bearerToken,
  createApiKeyAuthorizer,
  createInstallationAuthorizer,
  createOpenAuthorizer,
  type Authorizer,
} from "./authorization.js";
import { deleteRoute, downloadRoute } from "./backup-routes.js";
import type { PurgeReport } from "./blob-store.js";
import { errnoOf } from "./blob-file.js";
import { createChallengeDesk, type ChallengeDesk } from "./challenge.js";
import { createDirectoryStore } from "./directory-store.js";
import { asProblem } from "./error-answers.js";
import { sendContinue } from "./expect-continue.js";
import { createHttpApp } from "./http-app.js";
import type { LimitStore } from "./limit-store.js";
import { createLimits, defaultLimits } from "./limits.js";
import { createMemoryLimitStore } from "./memory-limit-store.js";
import { createMetrics } from "./metrics.js";
import {
  officialDownloadRoute,
  officialUploadRoute,
} from "./official-routes.js";
import { openApiDocument } from "./openapi.js";
import { startPurgeLoop } from "./purge-loop.js";
import { giveOwnPace } from "./read-body.js";
import type { RequestRecord } from "./request-record.js";
import type { ProviderClock, Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import {
  atLeast,
  defaultMaxBytes,
  defaultRetentionHours,
  isAddressRange,
  parsePublicUrl,
  type StorageProviderOptions,
} from "./storage-provider-options.js";
import { createTicketOffice } from "./ticket.js";
import { uploadRoute } from "./upload-route.js";
import { createXmtpInstallationRegistry } from "./xmtp-installation-registry.js";

/** A running storage provider. */
export interface StorageProvider {
  /** Origin (and path) in the URLs that it gives out, without a slash at the end. */
  readonly url: string;
  /** Address that it listens on, such as `http://127.0.0.1:8787`. */
  readonly listeningUrl: string;
  /** The last 10,000 answered requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Purges what has expired now, without waiting for the loop. */
  purge(): Promise<PurgeReport>;
  /** Takes no more connections, lets transfers under way end, then cuts them; what is cut leaves nothing. */
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const keptRecords = 10_000;
const healthKeptMs = 1_000;
const defaultCloseGraceMs = 10_000;

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
  const metrics = createMetrics();
  const times = timesOf(options);
  const maxBytes = atLeast("maxBytes", options.maxBytes ?? defaultMaxBytes, 1);
  let url =
    options.publicUrl === undefined ? "" : parsePublicUrl(options.publicUrl);
  const publicUrl = () => url;
  const tickets = createTicketOffice(options.ticketSecret);
  const challenges = createChallengeDesk(options.ticketSecret);
  const own = createMemoryLimitStore(() => performance.now());
  const shared = options.limitStore ?? own;
  const authorizer = await authorizerOf(options, {
    challenges,
    limitStore: shared,
    clock,
    publicUrl,
  });
  for (const proxy of options.trustedProxies ?? []) {
    if (isAddressRange(proxy)) continue;
    throw new StorageProviderError(
      "settings-invalid",
      "trustedProxies: expected IP addresses or ranges such as 10.0.0.0/8",
    );
  }
  const store =
    typeof options.directory === "string"
      ? await createDirectoryStore({
          directory: options.directory,
          ...(options.maxTotalBytes === undefined
            ? {}
            : { maxTotalBytes: options.maxTotalBytes }),
        })
      : options.directory;
  if (maxBytes > store.maxFileBytes) {
    throw new StorageProviderError(
      "settings-invalid",
      `maxBytes: expected at most ${store.maxFileBytes}, the largest file that the store can keep`,
    );
  }
  const service: Service = {
    store,
    tickets,
    authorizer,
    limits: createLimits({ ...defaultLimits, ...options.limits }, shared, own),
    metrics,
    clock,
    pace: times.pace,
    hooks: options.hooks ?? {},
    maxBytes,
    retentionMs: times.retentionMs,
    ticketLifetimeMs: times.ticketLifetimeMs,
    publicUrl,
  };

  const requests: RequestRecord[] = [];
  const { app, closeWithin } = createHttpApp({
    idleMs: times.pace.idleMs,
    minDownloadBytesPerSecond: times.minDownloadBytesPerSecond,
    headersTimeoutMs: times.headersTimeoutMs,
    trustedProxies: options.trustedProxies ?? [],
    onAnswered: (record) => {
      requests.push(record);
      if (requests.length > keptRecords) requests.shift();
      metrics.answered(record);
      log({ level: "info", event: "request", fields: { ...record } });
    },
    onInternal: (error) => {
      log({
        level: "error",
        event: "internal-error",
        fields: { error: error instanceof Error ? error.name : typeof error },
      });
    },
  });
  healthRoute(app, async () => {
    await store.probe();
    await shared.probe();
  });
  app.get("/openapi.json", (_request, reply) =>
    reply.send(
      openApiDocument({
        publicUrl: url,
        authorization: options.authorization.mode,
        officialClients: options.officialClients ?? "off",
        metrics: options.metricsToken === undefined ? "off" : "on",
      }),
    ),
  );
  if (options.metricsToken !== undefined) {
    metricsRoute(app, service, options.metricsToken);
  }
  await app.register((scope, _options, done) => {
    scope.addHook("preParsing", (request, reply, payload, next) => {
      sendContinue(request.raw, reply.raw);
      next(null, payload);
    });
    scope.removeContentTypeParser("text/plain");
    authorizationRoute(scope, service);
    if (options.authorization.mode === "installation") {
      challengeRoute(scope, service, challenges);
    }
    done();
  });
  await app.register((scope, _options, done) => {
    // These routes read the body themselves, once everything else is checked.
    scope.addHook("onRequest", (request, _reply, next) => {
      giveOwnPace(request.raw);
      next();
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, parsed) => {
      parsed(null);
    });
    uploadRoute(scope, service);
    if (options.officialClients === "on") {
      officialUploadRoute(scope, service, maxBytes);
    }
    done();
  });
  downloadRoute(app, service);
  deleteRoute(app, service);
  if (options.officialClients === "on") officialDownloadRoute(app, service);

  const closeStores = async () => {
    await store.close();
    await shared.close();
  };
  let listeningUrl: string;
  try {
    listeningUrl = await app.listen({
      host: await oneAddress(options.host ?? "127.0.0.1"),
      port: options.port ?? 0,
    });
  } catch (cause) {
    await app.close();
    await closeStores();
    throw new StorageProviderError(
      "unavailable",
      `the address cannot be listened on (${errnoOf(cause) ?? "unknown error"})`,
      { cause },
    );
  }
  if (url === "") url = listeningUrl;
  const purging = startPurgeLoop(
    store,
    clock,
    options.purgeEveryMs ?? 60_000,
    (result) => {
      if ("error" in result) {
        metrics.purgeFailed();
        const { code } = asProblem(result.error);
        log({ level: "warn", event: "purge-failed", fields: { code } });
      } else if (result.removed > 0) {
        metrics.purged(result);
        log({ level: "info", event: "purge", fields: { ...result } });
      }
    },
  );
  log({ level: "info", event: "listening", fields: {} });

  let closing: Promise<void> | undefined;
  const close = async () => {
    await purging.stop();
    await closeWithin(options.closeGraceMs ?? defaultCloseGraceMs);
    await closeStores();
    log({ level: "info", event: "stopped", fields: {} });
  };
  return {
    url,
    listeningUrl,
    requests,
    purge: () => purging.run(),
    close: () => (closing ??= close()),
  };
}

function timesOf(options: StorageProviderOptions) {
  const retentionHours = atLeast(
    "retentionHours",
    options.retentionHours ?? defaultRetentionHours,
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
  return {
    retentionMs: retentionHours * hourMs,
    ticketLifetimeMs: ticketHours * hourMs,
    headersTimeoutMs: atLeast(
      "headersTimeoutMs",
      options.headersTimeoutMs ?? 20_000,
      1,
    ),
    minDownloadBytesPerSecond: atLeast(
      "minDownloadBytesPerSecond",
      options.minDownloadBytesPerSecond ?? 1_024,
      0,
    ),
    pace: {
      idleMs: atLeast("idleTimeoutMs", options.idleTimeoutMs ?? 60_000, 1),
      minBytesPerSecond: atLeast(
        "minUploadBytesPerSecond",
        options.minUploadBytesPerSecond ?? 1_024,
        0,
      ),
      graceMs: atLeast("slowGraceMs", options.slowGraceMs ?? 60_000, 0),
    },
  };
}

async function authorizerOf(
  { authorization }: StorageProviderOptions,
  parts: {
    readonly challenges: ChallengeDesk;
    readonly limitStore: LimitStore;
    readonly clock: ProviderClock;
    readonly publicUrl: () => string;
  },
): Promise<Authorizer> {
  switch (authorization.mode) {
    case "open":
      return createOpenAuthorizer();
    case "apiKey":
      return createApiKeyAuthorizer(authorization.keys);
    case "installation":
      return createInstallationAuthorizer({
        ...parts,
        registry: await createXmtpInstallationRegistry(authorization),
      });
  }
}

/** A probe writes, so anybody's asking must not make it write more than once a second. */
function healthRoute(app: FastifyInstance, probe: () => Promise<void>): void {
  let last = { atMs: -Infinity, result: Promise.resolve() };
  app.route({
    method: ["GET", "HEAD"],
    url: "/healthz",
    handler: async (_request, reply) => {
      if (performance.now() - last.atMs > healthKeptMs) {
        last = { atMs: performance.now(), result: probe() };
      }
      await last.result;
      reply.header("cache-control", "no-store");
      return { status: "ok" };
    },
  });
}

function metricsRoute(
  app: FastifyInstance,
  { metrics, store }: Service,
  token: string,
): void {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(token);
  app.get("/metrics", async (request, reply) => {
    const given = bearerToken(request.headers.authorization);
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      throw new StorageProviderError(
        given === undefined ? "credentials-missing" : "credentials-invalid",
        "expected Authorization: Bearer and the metrics token",
      );
    }
    reply
      .header("cache-control", "no-store")
      .header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return metrics.text({
      used_bytes: store.usedBytes(),
      process_resident_memory_bytes: process.memoryUsage().rss,
    });
  });
}

/** Fastify makes a server of its own for each address of `localhost`, and only the first would mind the limits. */
const oneAddress = async (host: string): Promise<string> =>
  host === "localhost" ? (await lookup(host)).address : host;
