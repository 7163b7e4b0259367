import type { AuthorizationSettings } from "./authorization.js";
import { letHeapGrow } from "./heap-growth.js";
import { keptTicketSecret } from "./kept-secret.js";
import type { LimitStore } from "./limit-store.js";
import { createMemoryLimitStore } from "./memory-limit-store.js";
import type { ProviderLogger } from "./request-record.js";
import { createRedisLimitStore } from "./redis-limit-store.js";
import { createS3Store } from "./s3-store.js";
import type { StorageProviderSettings } from "./settings.js";
import { StorageProviderError } from "./storage-provider-error.js";
import type { StorageProviderOptions } from "./storage-provider-options.js";
import {
  createStorageProvider,
  type StorageProvider,
} from "./storage-provider.js";

/** Port where the settings do not say. */
export const defaultPort = 8787;

/**
 * Starts a storage provider from an operator's settings, with the stores that they name. For a process that does nothing
 * else: it sets how much memory V8 may use before it collects.
 *
 * @param settings from `readSettings`
 * @param logger takes log lines
 * @returns once it listens
 * @throws StorageProviderError `settings-invalid`, `directory-unusable`, `unavailable`
 */
export async function serveStorageProvider(
  settings: StorageProviderSettings,
  logger: ProviderLogger,
): Promise<StorageProvider> {
  letHeapGrow();
  const authorization = authorizationOf(settings);
  const limitStore =
    settings.redisUrl === undefined
      ? createMemoryLimitStore(() => performance.now())
      : await createRedisLimitStore(settings.redisUrl);
  try {
    return await createStorageProvider(
      optionsOf(settings, authorization, logger, {
        ...(await storeOf(settings, limitStore)),
        limitStore,
      }),
    );
  } catch (error) {
    // What is left open would keep the process from ending.
    await limitStore.close();
    throw error;
  }
}

function optionsOf(
  settings: StorageProviderSettings,
  authorization: AuthorizationSettings,
  logger: ProviderLogger,
  stores: Pick<
    StorageProviderOptions,
    "directory" | "ticketSecret" | "limitStore"
  >,
): StorageProviderOptions {
  return {
    ...stores,
    authorization,
    port: settings.port ?? defaultPort,
    logger,
    limits: defined({
      authorizationCallsPerHour: settings.authorizationCallsPerHour,
      uploadsPerHour: settings.uploadsPerHour,
      concurrentUploads: settings.concurrentUploads,
      concurrentDownloads: settings.concurrentDownloads,
      concurrentTransfers: settings.concurrentTransfers,
    }),
    ...defined({
      host: settings.host,
      publicUrl: settings.publicUrl,
      maxBytes: settings.maxBytes,
      maxTotalBytes: settings.maxTotalBytes,
      retentionHours: settings.retentionHours,
      ticketHours: settings.ticketHours,
      officialClients: settings.officialClients,
      metricsToken: settings.metricsToken,
      minUploadBytesPerSecond: settings.minUploadBytesPerSecond,
      minDownloadBytesPerSecond: settings.minDownloadBytesPerSecond,
      trustedProxies: settings.trustedProxies,
      idleTimeoutMs: milliseconds(settings.idleTimeoutSeconds),
      closeGraceMs: milliseconds(settings.closeGraceSeconds ?? 30),
    }),
  };
}

/** Where files are kept, and the secret that belongs to it. */
async function storeOf(
  settings: StorageProviderSettings,
  locks: LimitStore,
): Promise<Pick<StorageProviderOptions, "directory" | "ticketSecret">> {
  const { directory, ticketSecret } = settings;
  if (directory !== undefined) {
    return {
      directory,
      ticketSecret: ticketSecret ?? (await keptTicketSecret(directory)),
    };
  }
  const { s3Endpoint, s3Bucket, s3AccessKeyId, s3SecretAccessKey } = settings;
  if (
    s3Endpoint === undefined ||
    s3Bucket === undefined ||
    s3AccessKeyId === undefined ||
    s3SecretAccessKey === undefined ||
    ticketSecret === undefined
  ) {
    throw new StorageProviderError(
      "settings-invalid",
      "expected a directory, or S3 with all of its settings and a ticket secret",
    );
  }
  return {
    ticketSecret,
    directory: await createS3Store({
      endpoint: s3Endpoint,
      bucket: s3Bucket,
      accessKeyId: s3AccessKeyId,
      secretAccessKey: s3SecretAccessKey,
      region: settings.s3Region ?? "us-east-1",
      locks,
      ...defined({
        prefix: settings.s3Prefix,
        maxTotalBytes: settings.maxTotalBytes,
      }),
    }),
  };
}

function authorizationOf(
  settings: StorageProviderSettings,
): AuthorizationSettings {
  switch (settings.authorization) {
    case "open":
      return { mode: "open" };
    case "apiKey":
      return { mode: "apiKey", keys: settings.apiKeys ?? [] };
    case "installation":
      return {
        mode: "installation",
        env: settings.xmtpEnv ?? "production",
        ...defined({ apiUrl: settings.xmtpApiUrl }),
      };
    default:
      throw new StorageProviderError(
        "settings-invalid",
        "authorization: needed",
      );
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
