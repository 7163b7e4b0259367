import type {
  Installation,
  RandomBytes,
  StorageProviderClient,
} from "@carryover/client";
import {
  createKnownVersions,
  obtainAuthorization,
  statusError,
} from "@carryover/xmtp-shared";
import { systemRandomBytes } from "./clock.js";
import { toHex } from "./hex.js";
import type { PartFiles } from "./private-files/part-files.js";
import { downloadFile } from "./storage/download-file.js";
import {
  defaultFetchLimits,
  type FetchLimits,
} from "./storage/fetch-limits.js";
import { sendRequest } from "./storage/send-request.js";
import { findUploadedFile, uploadFile } from "./storage/upload-file.js";

/** How to speak to Backup Storage Providers. */
export interface StorageProviderClientOptions {
  /**
   * HMAC key that keeps the results of this installation's uploads from others who know the upload URL. One that stays the
   * same.
   */
  uploadKey: CryptoKey;
  /** Where a file waits while it is made. Belongs to this alone. */
  files: PartFiles;
  /** API keys by origin, for services that ask for one. */
  apiKeys?: Readonly<Record<string, string>>;
  /** Proves to services that ask for it that this is a live installation. */
  installation?: Pick<Installation, "inboxId" | "installationId" | "sign">;
  /** Largest file that is written down to be sent, bytes; 4 GiB unless told. */
  maxUploadBytes?: number;
  /** What differs from the default limits. */
  limits?: Partial<FetchLimits>;
  randomBytes?: RandomBytes;
}

const usualMaxUploadBytes = 4 * 1024 ** 3;

/**
 * The HTTP side of the Backup Storage Provider in a browser. The service must let any page ask (CORS), with the headers
 * `authorization`, `content-type`, `idempotency-key`, `range` and `if-range`.
 *
 * What a page cannot do: see the addresses behind a name, so private address space is kept out by the app's list of origins
 * alone; follow an upload, so progress counts the bytes that are ready to be sent.
 */
export function createStorageProviderClient({
  uploadKey,
  files,
  apiKeys = {},
  installation,
  maxUploadBytes = usualMaxUploadBytes,
  limits: different,
  randomBytes = systemRandomBytes,
}: StorageProviderClientOptions): StorageProviderClient {
  const limits = { ...defaultFetchLimits, ...different };
  const versions = createKnownVersions();
  /** Of upload URLs that this client has used up: nothing is prepared for them a second time. */
  const usedUp = new Set<string>();
  // The same for one URL after a restart, too: that is when a lost answer is asked for.
  const idempotencyKeyOf = async (uploadUrl: string) =>
    toHex(
      new Uint8Array(
        await crypto.subtle.sign(
          "HMAC",
          uploadKey,
          new TextEncoder().encode(`carryover upload\n${uploadUrl}`),
        ),
      ),
    );
  const apiKeyOf = (url: string) =>
    URL.canParse(url) ? apiKeys[new URL(url).origin] : undefined;
  return {
    obtainUploadAuthorization: (providerUrl, { signal } = {}) =>
      obtainAuthorization(
        (url, { headers, json }) =>
          sendRequest(
            url,
            {
              method: "POST",
              headers: { "content-type": "application/json", ...headers },
              body: json,
              signal,
            },
            limits,
          ),
        providerUrl,
        { apiKey: apiKeyOf(providerUrl), installation },
      ),
    upload: async (uploadUrl, file, { signal, onProgress } = {}) => {
      const idempotencyKey = await idempotencyKeyOf(uploadUrl);
      if (usedUp.has(idempotencyKey)) {
        const used = statusError(409);
        await file.cancel(used).catch(() => undefined);
        throw used;
      }
      const stored = await uploadFile(uploadUrl, file, {
        idempotencyKey,
        limits,
        randomBytes,
        signal,
        files,
        maxBytes: maxUploadBytes,
        onProgress: onProgress ?? (() => undefined),
      });
      usedUp.add(idempotencyKey);
      return stored;
    },
    findUpload: async (uploadUrl, { signal } = {}) =>
      findUploadedFile(uploadUrl, {
        idempotencyKey: await idempotencyKeyOf(uploadUrl),
        limits,
        randomBytes,
        signal,
      }),
    download: (backupUrl, { fromByte, signal }) =>
      downloadFile(backupUrl, { fromByte, limits, versions, signal }),
    deleteBackup: async ({ url, receiptKey }, { signal } = {}) => {
      const answer = await sendRequest(
        url,
        {
          method: "DELETE",
          headers: { authorization: `Bearer ${receiptKey}` },
          signal,
        },
        limits,
      );
      answer.drop();
      const { status } = answer;
      const isGone =
        (status >= 200 && status < 300) || [404, 410].includes(status);
      if (!isGone) throw statusError(status);
    },
  };
}
