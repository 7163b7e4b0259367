import {
  chmod,
  link,
  open,
  opendir,
  readdir,
  rename,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { join } from "node:path";
import {
  errnoOf,
  ignoreMissing,
  openBlobFile,
  truncate,
  writeTombstone,
} from "./blob-file.js";
import { encodeFooter, footerBytes, purgeableAtMs } from "./blob-footer.js";
import { createBlobSpace } from "./blob-space.js";
import type { BlobRecord, BlobStore, BlobWriter } from "./blob-store.js";
import { lockDirectory, type DirectoryLock } from "./directory-lock.js";
import { createIncomingFile } from "./incoming-file.js";
import { makePrivateDirectory } from "./private-directory.js";
import { createSharedSync } from "./shared-sync.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { parseBlobId, type BlobId } from "./ticket.js";

/** What is remembered of a file in the directory. */
interface KnownFile {
  /** Of the uploaded file, without what follows it. */
  readonly bytes: number;
  /** When its name may be free again, in Unix milliseconds; `undefined` until it is looked up. */
  readonly purgeableAtMs: number | undefined;
}

/** Where and how much a directory store keeps. */
export interface DirectoryStoreOptions {
  /** Made with mode 0700 where it does not exist; on a local file system with hard links. */
  readonly directory: string;
  /** Bytes of all files together, those under way included; unlimited where left out. */
  readonly maxTotalBytes?: number;
}

const purgeStep = 64;
/** How long the name of a file stays taken that a fault of the disk made unreadable. */
const damagedKeptMs = 72 * 3_600_000;

/**
 * A directory of files, one each, written as temp file → fsync → exclusive link → fsync of the directory. Temporary
 * files that a crash left are removed before this returns.
 *
 * @throws StorageProviderError `directory-unusable`
 */
export async function createDirectoryStore(
  options: DirectoryStoreOptions,
): Promise<BlobStore> {
  const incoming = join(options.directory, "incoming");
  const blobs = join(options.directory, "blobs");
  const space = createBlobSpace(options.maxTotalBytes ?? Infinity);
  const pathOf = (id: BlobId) => join(blobs, id);
  // One instance has the directory, so it knows every name; asking for others costs nothing.
  const known = new Map<BlobId, KnownFile>();
  let lock: DirectoryLock | undefined;

  try {
    for (const directory of [options.directory, incoming, blobs]) {
      await makePrivateDirectory(directory);
      await chmod(directory, 0o700);
    }
    // Before the sweep: it would take the temporary files of another instance.
    lock = await lockDirectory(options.directory);
    for (const name of await readdir(incoming)) {
      await rm(join(incoming, name), { force: true, recursive: true });
    }
    await checkHardLinks(incoming);
    for await (const entry of await opendir(blobs)) {
      const id = parseBlobId(entry.name);
      if (id === undefined) continue;
      const bytes = fileBytes((await stat(join(blobs, entry.name))).size);
      known.set(id, { bytes, purgeableAtMs: undefined });
      space.add(bytes);
    }
  } catch (cause) {
    await lock?.release();
    if (cause instanceof StorageProviderError) throw cause;
    throw new StorageProviderError(
      "directory-unusable",
      `the storage directory cannot be used (${errnoOf(cause) ?? "unknown error"})`,
      { cause },
    );
  }

  const syncBlobs = createSharedSync(blobs);
  let temporaries = 0;
  const temporaryPath = () => {
    temporaries += 1;
    return join(incoming, String(temporaries));
  };

  // Of a name that comes to the disk or goes from it, so that it is not what is known of it: whoever asks for it waits.
  const naming = new Map<BlobId, Promise<unknown>>();
  /** @returns what `work` does, after everybody else who gives or takes this name */
  const whileNaming = async <T>(id: BlobId, work: () => Promise<T>) => {
    while (naming.has(id)) await naming.get(id);
    const result = work();
    const settled = result.catch(() => undefined);
    naming.set(
      id,
      settled.then(() => naming.delete(id)),
    );
    return await result;
  };

  const openBlob = async (id: BlobId) => {
    while (naming.has(id)) await naming.get(id);
    const file = known.get(id);
    if (file === undefined) return undefined;
    const opened = await openBlobFile(pathOf(id), file.bytes);
    // A directory that is not there now must not tell clients that their files are gone.
    if (opened === undefined) await stat(blobs);
    return opened;
  };
  const find = async (id: BlobId): Promise<BlobRecord | undefined> => {
    const opened = await openBlob(id);
    await opened?.close();
    return opened?.record;
  };

  const forget = (id: BlobId) => {
    space.free(known.get(id)?.bytes ?? 0);
    known.delete(id);
  };
  const purgeTime = async (id: BlobId, file: KnownFile): Promise<number> => {
    if (file.purgeableAtMs !== undefined) return file.purgeableAtMs;
    const opened = await openBlobFile(pathOf(id), file.bytes);
    await opened?.close();
    const at =
      opened === undefined
        ? (await stat(pathOf(id))).mtimeMs + damagedKeptMs
        : purgeableAtMs(opened.record);
    known.set(id, { ...file, purgeableAtMs: at });
    return at;
  };
  /** @returns the bytes that it freed; `undefined` where the file was not there or not due */
  const purgeOne = async (id: BlobId, nowMs: number) => {
    const file = known.get(id);
    if (file === undefined) return undefined;
    try {
      if ((await purgeTime(id, file)) > nowMs) return undefined;
      await unlink(pathOf(id));
    } catch (error) {
      ignoreMissing(error);
      // A directory that is not there now has not lost its files.
      await stat(blobs);
      forget(id);
      return undefined;
    }
    forget(id);
    return file.bytes;
  };

  return {
    // What a file system takes shows when it is full.
    maxFileBytes: Number.MAX_SAFE_INTEGER,

    async create(id): Promise<BlobWriter> {
      const path = temporaryPath();
      const file = createIncomingFile(path);
      const reservation = space.reserve();
      let finished: Promise<void> | undefined;
      const finish = async () => {
        reservation.release();
        await file.discard();
      };
      return {
        write(chunk) {
          reservation.grow(chunk.byteLength);
          const wait = file.write(chunk);
          return wait === undefined ? undefined : guard(() => wait);
        },
        async commit(facts) {
          const record = { state: "stored", ...facts } as const;
          return guard(async () => {
            await file.write(encodeFooter(record));
            await file.seal();
            return await whileNaming(id, async () => {
              try {
                await link(path, pathOf(id));
              } catch (error) {
                if (errnoOf(error) === "EEXIST") return "taken";
                throw error;
              }
              known.set(id, {
                bytes: facts.size,
                purgeableAtMs: purgeableAtMs(record),
              });
              space.add(facts.size);
              await Promise.all([file.discard(), syncBlobs()]);
              return "created";
            });
          });
        },
        abort() {
          finished ??= finish();
          return finished;
        },
      };
    },

    find: (id) => guard(() => find(id)),

    open: (id) =>
      guard(async () => {
        const opened = await openBlob(id);
        if (opened === undefined) return undefined;
        const { record } = opened;
        if (record.state === "withdrawn") {
          await opened.close();
          return undefined;
        }
        return {
          facts: record,
          content: (range) => guard(() => opened.content(range)),
          close: () => opened.close(),
        };
      }),

    withdraw: (id, ticketExpiresAtMs) =>
      guard(() =>
        whileNaming(id, async () => {
          const before = known.get(id);
          const path = temporaryPath();
          try {
            try {
              await writeTombstone(path, ticketExpiresAtMs);
            } catch (error) {
              if (!isFull(error) || before === undefined) throw error;
              // No room for the mark: the file's own space is what is to be freed.
              await truncate(pathOf(id));
              await rm(path, { force: true });
              await writeTombstone(path, ticketExpiresAtMs);
            }
            await rename(path, pathOf(id));
            forget(id);
            known.set(id, { bytes: 0, purgeableAtMs: ticketExpiresAtMs });
          } finally {
            await rm(path, { force: true }).catch(() => undefined);
          }
          await syncBlobs();
        }),
      ),

    purge: (nowMs, signal) =>
      guard(async () => {
        let removed = 0;
        let freedBytes = 0;
        let step = 0;
        for (const [id, file] of known) {
          if (signal?.aborted === true) break;
          step += 1;
          // Requests go first: the loop gives way after every few files.
          if (step % purgeStep === 0) await nextTurn();
          if ((file.purgeableAtMs ?? 0) > nowMs) continue;
          const freed = await whileNaming(id, () => purgeOne(id, nowMs));
          if (freed === undefined) continue;
          removed += 1;
          freedBytes += freed;
        }
        return { removed, freedBytes };
      }),

    usedBytes: () => space.usedBytes(),

    probe: () =>
      guard(async () => {
        const path = temporaryPath();
        try {
          await writeTombstone(path, 0);
        } finally {
          await rm(path, { force: true }).catch(() => undefined);
        }
      }),

    close: async () => {
      await lock?.release();
    },
  };
}

async function checkHardLinks(directory: string): Promise<void> {
  const path = join(directory, "check");
  const other = `${path}.link`;
  try {
    await (await open(path, "wx", 0o600)).close();
    await link(path, other);
  } finally {
    await rm(path, { force: true });
    await rm(other, { force: true });
  }
}

const fileBytes = (objectBytes: number) =>
  Math.max(0, objectBytes - footerBytes);

const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

const isFull = (error: unknown) =>
  ["ENOSPC", "EDQUOT", "EFBIG"].includes(errnoOf(error) ?? "");

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StorageProviderError) throw cause;
    throw isFull(cause)
      ? new StorageProviderError("full", "the disk is full", { cause })
      : new StorageProviderError(
          "unavailable",
          `the storage directory does not answer (${errnoOf(cause) ?? "unknown error"})`,
          { cause },
        );
  }
}
