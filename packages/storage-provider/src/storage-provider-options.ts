import { isIP } from "node:net";
import type { AuthorizationSettings } from "./authorization.js";
import type { BlobStore } from "./blob-store.js";
import type { LimitStore } from "./limit-store.js";
import type { LimitSettings } from "./limits.js";
import type { ProviderLogger } from "./request-record.js";
import type { ProviderClock, ProviderHooks } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** What a storage provider runs with. */
export interface StorageProviderOptions {
  /** Where files are kept: a directory, made private, of one running instance; or a store that is closed with the provider. */
  readonly directory: string | BlobStore;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port to listen on; 0 (default) takes a free one. */
  readonly port?: number;
  /** Origin (and path, behind a proxy) in the URLs that are given out. Default: the address listened on. */
  readonly publicUrl?: string;
  /** Largest file in bytes. Default 5 GiB. */
  readonly maxBytes?: number;
  /** Bytes of all files together. Default: unlimited. Only for a directory; a store brings its own limit. */
  readonly maxTotalBytes?: number;
  /** Hours that a file is kept. Default 72. */
  readonly retentionHours?: number;
  /** Hours that an upload ticket is good. Default and most: `retentionHours`. */
  readonly ticketHours?: number;
  /** Who may obtain authorizations. */
  readonly authorization: AuthorizationSettings;
  /** Signs tickets: at least 32 random bytes, kept from start to start, the same in all instances. */
  readonly ticketSecret: Uint8Array;
  /** What differs from the default limits. */
  readonly limits?: Partial<LimitSettings>;
  /** What limits remember, closed with the provider. Default: the memory of this process. */
  readonly limitStore?: LimitStore;
  /** `POST /upload` and `GET /files/:id` for official clients. Default `off`: these clients cannot authenticate. */
  readonly officialClients?: "off" | "on";
  /** Bearer token for `GET /metrics`. Default: there is no such endpoint. */
  readonly metricsToken?: string;
  /** Longest silence of an uploading or downloading client, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Slowest average of an upload after its grace, in bytes a second. Default 1,024. */
  readonly minUploadBytesPerSecond?: number;
  /** Least that a downloading client takes within `idleTimeoutMs`, in bytes a second. Default 1,024; 0: anything at all. */
  readonly minDownloadBytesPerSecond?: number;
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

/** Largest file where the settings do not say: 5 GiB. */
export const defaultMaxBytes = 5 * 1024 ** 3;

/** Hours that a file is kept where the settings do not say. */
export const defaultRetentionHours = 72;

/**
 * @param name of the setting
 * @param value what it says
 * @param minimum least that makes sense
 * @throws StorageProviderError `settings-invalid`
 */
export function atLeast(name: string, value: number, minimum: number): number {
  if (!Number.isFinite(value) || value < minimum) {
    throw new StorageProviderError(
      "settings-invalid",
      `${name}: expected a number of at least ${minimum}, got ${value}`,
    );
  }
  return value;
}

/**
 * @param text an address
 * @returns it without slashes at the end
 * @throws StorageProviderError `settings-invalid`
 */
export function parsePublicUrl(text: string): string {
  if (isPublicUrl(text)) return new URL(text).href.replace(/\/+$/, "");
  throw new StorageProviderError(
    "settings-invalid",
    `publicUrl: expected ${publicUrlForm}`,
  );
}

/** What a public URL is, in words. */
export const publicUrlForm =
  "an http or https address without query, fragment or user";

/** @returns whether clients can be sent to this address */
export function isPublicUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const { search, hash, username, password } = new URL(text);
  return [search, hash, username, password].every((part) => part === "");
}

/** @returns whether it is an absolute `http` or `https` address */
export function isHttpUrl(text: string): boolean {
  return (
    URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol)
  );
}

/** @returns whether it is an IP address, or a range of them such as `10.0.0.0/8` */
export function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    most > 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}
