import { CarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { Journal } from "../ports/journal.js";
import type { Scratch } from "../ports/scratch.js";
import type { StateStore } from "../ports/state-store.js";
import type {
  Download,
  StorageProviderClient,
  StoredBackup,
  UploadAuthorization,
} from "../ports/storage-provider-client.js";
import { startNs, hourNs } from "./memory-network.js";
import { streamOf } from "./stream-of.js";

export const storageOrigin = "https://storage.example";

export interface MemoryStorage extends StorageProviderClient {
  /** Every call in order, by name. */
  calls: string[];
  /** Files by download URL. */
  files: Map<string, Uint8Array>;
  /** Changes what the service says. */
  answerUpload: (stored: StoredBackup) => StoredBackup;
  answerAuthorization: (answer: UploadAuthorization) => UploadAuthorization;
  answerDownload: (download: Download) => Download;
  /** Called when an upload begins. */
  onUpload: (signal?: AbortSignal) => void | Promise<void>;
}

/** A Backup Storage Provider in memory that can be told to lie. */
export function createMemoryStorage(): MemoryStorage {
  const uploads = new Map<string, StoredBackup>();
  let authorizations = 0;
  const storage: MemoryStorage = {
    calls: [],
    files: new Map(),
    answerUpload: (stored) => stored,
    answerAuthorization: (answer) => answer,
    answerDownload: (download) => download,
    onUpload: () => undefined,
    obtainUploadAuthorization: async (providerUrl) => {
      storage.calls.push("authorize");
      authorizations += 1;
      return storage.answerAuthorization({
        uploadUrl: `${new URL(providerUrl).origin}/backups?ticket=${authorizations}`,
        deletion: {
          url: `${storageOrigin}/backups/${authorizations}`,
          receiptKey: "receipt",
        },
      });
    },
    upload: async (uploadUrl, file, options) => {
      storage.calls.push("upload");
      await storage.onUpload(options?.signal);
      const bytes = new Uint8Array(await new Response(file).arrayBuffer());
      const downloadUrl = `${new URL(uploadUrl).origin}/backups/${uploads.size}`;
      storage.files.set(downloadUrl, bytes);
      const stored = {
        downloadUrl,
        sizeBytes: bytes.length,
        sha256Hex: toHex(
          new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
        ),
        expiresAtNs: startNs + 72n * hourNs,
      };
      uploads.set(uploadUrl, stored);
      return storage.answerUpload(stored);
    },
    findUpload: async (uploadUrl) => {
      storage.calls.push("findUpload");
      return uploads.get(uploadUrl);
    },
    download: async (backupUrl, { fromByte }) => {
      storage.calls.push("download");
      const bytes = storage.files.get(backupUrl);
      if (bytes === undefined)
        throw new CarryoverError("backupGone", "no such file");
      return storage.answerDownload({
        body: streamOf([bytes.subarray(fromByte)]),
        startByte: fromByte,
        totalBytes: bytes.length,
      });
    },
    deleteBackup: async () => void storage.calls.push("delete"),
  };
  return storage;
}

export interface MemoryScratch extends Scratch {
  files: Map<string, Uint8Array>;
}

/** Temporary files in memory. */
export function createMemoryScratch(): MemoryScratch {
  const files: MemoryScratch["files"] = new Map();
  return {
    files,
    size: async (name) => files.get(name)?.length,
    append: async (name) =>
      new WritableStream({
        write: (chunk) => {
          const before = files.get(name) ?? new Uint8Array(0);
          const after = new Uint8Array(before.length + chunk.length);
          after.set(before);
          after.set(chunk, before.length);
          files.set(name, after);
        },
      }),
    read: async (name) => {
      const bytes = files.get(name);
      if (bytes === undefined)
        throw new CarryoverError("diskError", "no such file");
      return streamOf([bytes]);
    },
    delete: async (name) => void files.delete(name),
    sweep: async (keep) => {
      for (const name of files.keys())
        if (!keep.includes(name)) files.delete(name);
    },
  };
}

export interface MemoryJournal extends Journal {
  notes: Map<string, string>;
}

/** Notes in memory. */
export function createMemoryJournal(): MemoryJournal {
  const notes: MemoryJournal["notes"] = new Map();
  return {
    notes,
    names: async () => [...notes.keys()],
    read: async (name) => notes.get(name),
    write: async (name, text) => void notes.set(name, text),
    delete: async (name) => void notes.delete(name),
  };
}

/** A state store in memory; a second engine on it finds what the first one saved. */
export function createMemoryStateStore(): StateStore & {
  record: Uint8Array | undefined;
} {
  const store: ReturnType<typeof createMemoryStateStore> = {
    record: undefined,
    load: async () => store.record,
    save: async (record) => {
      store.record = record;
    },
    close: async () => undefined,
  };
  return store;
}
