import { createHmac } from "node:crypto";
import type { Installation, StorageProviderClient } from "@carryover/client";
import {
  createKnownVersions,
  obtainAuthorization,
  statusError,
} from "@carryover/xmtp-shared";
import { asStorageAnswer, createConnection } from "./storage/connection.js";
import { downloadFile } from "./storage/download-file.js";
import { defaultHttpLimits, type HttpLimits } from "./storage/http-limits.js";
import { resolveBySystem, type ResolveName } from "./storage/storage-target.js";
import { findUploadedFile, uploadFile } from "./storage/upload-file.js";

/** How to speak to Backup Storage Providers. */
export interface StorageProviderClientOptions {
  /** Keeps the results of this installation's uploads from others who know the upload URL. Any secret that stays the same. */
  uploadSecret: Uint8Array;
  /** API keys by origin, for services that ask for one. */
  apiKeys?: Readonly<Record<string, string>>;
  /** Proves to services that ask for it that this is a live installation. */
  installation?: Pick<Installation, "inboxId" | "installationId" | "sign">;
  /** Certificates (PEM) to trust instead of the system's, for a service with a certificate of one's own making. */
  certificateAuthorities?: readonly string[];
  /** What differs from the default limits. */
  limits?: Partial<HttpLimits>;
  /** Finds the addresses of names. Default: the system. */
  resolveName?: ResolveName;
}

/** The HTTP side of the Backup Storage Provider on Node. */
export function createStorageProviderClient({
  uploadSecret,
  apiKeys = {},
  installation,
  certificateAuthorities,
  limits,
  resolveName = resolveBySystem,
}: StorageProviderClientOptions): StorageProviderClient {
  const connection = createConnection(
    { ...defaultHttpLimits, ...limits },
    resolveName,
    certificateAuthorities,
  );
  const versions = createKnownVersions();
  // The same for one URL after a restart, too: that is when a lost answer is asked for.
  const idempotencyKeyOf = (uploadUrl: string) =>
    createHmac("sha256", uploadSecret)
      .update(`carryover upload\n${uploadUrl}`)
      .digest("hex");
  const apiKeyOf = (url: string) =>
    URL.canParse(url) ? apiKeys[new URL(url).origin] : undefined;
  return {
    obtainUploadAuthorization: (providerUrl, { signal } = {}) =>
      obtainAuthorization(
        async (url, { headers, json }) =>
          asStorageAnswer(
            await connection.send(url, {
              method: "POST",
              headers: { "content-type": "application/json", ...headers },
              body: Buffer.from(json),
              signal,
            }),
            connection.limits,
          ),
        providerUrl,
        { apiKey: apiKeyOf(providerUrl), installation },
      ),
    upload: (uploadUrl, file, { signal, onProgress } = {}) =>
      uploadFile(connection, uploadUrl, file, {
        idempotencyKey: idempotencyKeyOf(uploadUrl),
        signal,
        onProgress: onProgress ?? (() => undefined),
      }),
    findUpload: (uploadUrl, { signal } = {}) =>
      findUploadedFile(connection, uploadUrl, {
        idempotencyKey: idempotencyKeyOf(uploadUrl),
        signal,
      }),
    download: (backupUrl, { fromByte, signal }) =>
      downloadFile(connection, backupUrl, { fromByte, signal, versions }),
    deleteBackup: async ({ url, receiptKey }, { signal } = {}) => {
      const { status, drop } = await connection.send(url, {
        method: "DELETE",
        headers: { authorization: `Bearer ${receiptKey}` },
        signal,
      });
      drop();
      const isGone =
        (status >= 200 && status < 300) || [404, 410].includes(status);
      if (!isGone) throw statusError(status);
    },
  };
}
