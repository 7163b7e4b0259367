/**
 * The HTTP side of the Backup Storage Provider. An implementation connects only to the URL's own origin, follows no
 * redirect, and refuses names that lead into private address space (loopback is allowed where the URL itself says
 * loopback). Every call rejects with a `CarryoverError`.
 */
export interface StorageProviderClient {
  /**
   * XIP-31: the requester obtains authorization.
   *
   * @param providerUrl - base URL of the service
   * @throws `storageUnavailable`, `storageRefused`, `privateAddress`, `redirectRefused`
   */
  obtainUploadAuthorization(
    providerUrl: string,
    options?: { signal?: AbortSignal },
  ): Promise<UploadAuthorization>;

  /**
   * Uploads a stream as one file.
   *
   * @throws `storageUnavailable` (the authorization is still good), `uploadAuthorizationUsed`, `backupTooLarge`,
   * `storageRefused`, `privateAddress`, `redirectRefused`, `aborted`
   */
  upload(
    uploadUrl: string,
    file: ReadableStream<Uint8Array>,
    options?: {
      signal?: AbortSignal;
      onProgress?: (sentBytes: number) => void;
    },
  ): Promise<StoredBackup>;

  /**
   * Asks what became of an upload whose answer was lost.
   *
   * @returns `undefined` when nothing was stored and the authorization is still good
   */
  findUpload(
    uploadUrl: string,
    options?: { signal?: AbortSignal },
  ): Promise<StoredBackup | undefined>;

  /**
   * @param options.fromByte - where to go on; the answer may start at 0 all the same
   * @throws `storageUnavailable`, `backupGone`, `storageRefused`, `privateAddress`, `redirectRefused`, `aborted`
   */
  download(
    backupUrl: string,
    options: { fromByte: number; signal?: AbortSignal },
  ): Promise<Download>;

  /** Deletes a stored file with the requester's receipt. Already gone is success. */
  deleteBackup(
    deletion: BackupDeletion,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
}

export interface UploadAuthorization {
  /** Secret: whoever has it can upload once. */
  uploadUrl: string;
  /** How the requester deletes the file once it is verified; absent where the service has no such thing. */
  deletion?: BackupDeletion;
}

export interface BackupDeletion {
  url: string;
  /** Secret. */
  receiptKey: string;
}

export interface StoredBackup {
  downloadUrl: string;
  /** What the service counted and hashed (lower-case hex), where it tells. */
  sizeBytes?: number;
  sha256Hex?: string;
  expiresAtNs?: bigint;
}

export interface Download {
  body: ReadableStream<Uint8Array>;
  /** The byte that the body starts at: `fromByte`, or 0 where the service does not resume. */
  startByte: number;
  /** Bytes of the whole file, where the service tells. */
  totalBytes?: number;
}
