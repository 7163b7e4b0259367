import { randomBytes } from "node:crypto";
import {
  chmod,
  link,
  mkdir,
  open,
  opendir,
  readdir,
  rename,
  rm,
  stat,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  decodeFooter,
  encodeFooter,
  footerBytes,
  purgeableAtMs,
} from "./blob-footer.js";
import type { BlobRecord, BlobStore, BlobWriter } from "./blob-store.js";
import { lockDirectory, type DirectoryLock } from "./directory-lock.js";
import { createFileWriter } from "./file-writer.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { parseBlobId, type BlobId } from "./ticket.js";

/** Where and how much a directory store keeps. */
export interface DirectoryStoreOptions {
  /** Made with mode 0700 where it does not exist; on a local file system with hard links. */
  readonly directory: string;
  /** Bytes of all files together, those under way included; unlimited where left out. */
  readonly maxTotalBytes?: number;
}

const purgeStep = 64;
const pieceBytes = 256 * 1024;

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
  const maxTotalBytes = options.maxTotalBytes ?? Infinity;
  const pathOf = (id: BlobId) => join(blobs, id);
  // One instance has the directory, so it knows every name; asking for others costs nothing.
  const names = new Set<string>();
  let storedBytes = 0;
  let underwayBytes = 0;
  let lock: DirectoryLock | undefined;

  try {
    for (const directory of [options.directory, incoming, blobs]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
    }
    // Before the sweep: it would take the temporary files of another instance.
    lock = await lockDirectory(options.directory);
    for (const name of await readdir(incoming)) {
      await rm(join(incoming, name), { force: true, recursive: true });
    }
    await checkHardLinks(incoming);
    for await (const entry of await opendir(blobs)) {
      names.add(entry.name);
      storedBytes += fileBytes((await stat(join(blobs, entry.name))).size);
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
  const temporaryPath = () =>
    join(incoming, randomBytes(12).toString("base64url"));

  const openBlob = async (id: BlobId) => {
    if (!names.has(id)) return undefined;
    const opened = await openRecord(pathOf(id));
    // A directory that is not there now must not tell clients that their files are gone.
    if (opened === undefined) await stat(blobs);
    return opened;
  };
  const find = async (id: BlobId): Promise<BlobRecord | undefined> => {
    const opened = await openBlob(id);
    await opened?.handle.close();
    return opened?.record;
  };

  const remove = async (name: string, size: number) => {
    await unlink(join(blobs, name));
    names.delete(name);
    storedBytes -= fileBytes(size);
  };

  return {
    async create(id): Promise<BlobWriter> {
      const path = temporaryPath();
      const handle = await guard(() => open(path, "wx", 0o600));
      const writer = createFileWriter(handle);
      let reservedBytes = 0;
      let temporary: "there" | "gone" = "there";
      let finished: Promise<void> | undefined;
      const finish = async () => {
        underwayBytes -= reservedBytes;
        await handle.close().catch(() => undefined);
        if (temporary === "there") await unlink(path).catch(() => undefined);
      };
      return {
        write(chunk) {
          reservedBytes += chunk.byteLength;
          underwayBytes += chunk.byteLength;
          if (storedBytes + underwayBytes > maxTotalBytes) {
            throw new StorageProviderError(
              "full",
              "the space set aside for backups is used up",
            );
          }
          const wait = writer.write(chunk);
          return wait === undefined ? undefined : guard(() => wait);
        },
        async commit(facts) {
          const record = { state: "stored", ...facts } as const;
          return guard(async () => {
            await writer.write(encodeFooter(record));
            await writer.flush();
            await stampPurgeTime(handle, record);
            await handle.sync();
            try {
              await link(path, pathOf(id));
            } catch (error) {
              if (errnoOf(error) === "EEXIST") return "taken";
              throw error;
            }
            names.add(id);
            storedBytes += facts.size;
            await unlink(path);
            temporary = "gone";
            await syncBlobs();
            return "created";
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
        const { handle, record } = opened;
        if (record.state === "withdrawn") {
          await handle.close();
          return undefined;
        }
        return {
          facts: record,
          content: ({ first, last }) =>
            guard(() => readRange(handle, first, last)),
          close: () => handle.close(),
        };
      }),

    withdraw: (id, ticketExpiresAtMs) =>
      guard(async () => {
        const record = { state: "withdrawn", ticketExpiresAtMs } as const;
        const before = await sizeOf(pathOf(id));
        const path = temporaryPath();
        try {
          try {
            await writeTombstone(path, record);
          } catch (error) {
            if (!isFull(error) || before === undefined) throw error;
            // No room for the mark: the file's own space is what is to be freed.
            await truncate(pathOf(id));
            await rm(path, { force: true });
            await writeTombstone(path, record);
          }
          await rename(path, pathOf(id));
          names.add(id);
        } finally {
          await rm(path, { force: true }).catch(() => undefined);
        }
        if (before !== undefined) storedBytes -= fileBytes(before);
        await syncBlobs();
      }),

    purge: (nowMs, signal) =>
      guard(async () => {
        let removed = 0;
        let freedBytes = 0;
        let step = 0;
        for await (const entry of await opendir(blobs)) {
          if (signal?.aborted === true) break;
          step += 1;
          // Requests go first: the loop gives way after every few files.
          if (step % purgeStep === 0) await nextTurn();
          if (parseBlobId(entry.name) === undefined) continue;
          const path = join(blobs, entry.name);
          const facts = await stat(path).catch(ignoreMissing);
          if (facts === undefined || facts.mtimeMs > nowMs) continue;
          const opened = await openRecord(path);
          await opened?.handle.close();
          if (opened !== undefined && purgeableAtMs(opened.record) > nowMs) {
            continue;
          }
          await remove(entry.name, facts.size).then(() => {
            removed += 1;
            freedBytes += fileBytes(facts.size);
          }, ignoreMissing);
        }
        return { removed, freedBytes };
      }),

    usedBytes: () => storedBytes + underwayBytes,

    probe: () =>
      guard(async () => {
        const path = temporaryPath();
        try {
          await writeTombstone(path, {
            state: "withdrawn",
            ticketExpiresAtMs: 0,
          });
        } finally {
          await rm(path, { force: true }).catch(() => undefined);
        }
      }),

    close: async () => {
      await lock?.release();
    },
  };
}

/** Makes names durable; those who ask while one is under way share the next. */
function createSharedSync(directory: string): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const sync = async () => {
    const handle = await open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  const start = () => {
    const current = sync().finally(() => {
      if (running === current) running = undefined;
    });
    running = current;
    return current;
  };
  return () => {
    if (running === undefined) return start();
    // What is under way may have begun before the name was there.
    waiting ??= running
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return start();
      });
    return waiting;
  };
}

async function openRecord(
  path: string,
): Promise<
  { readonly handle: FileHandle; readonly record: BlobRecord } | undefined
> {
  const handle = await open(path, "r").catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    const footer = Buffer.alloc(footerBytes);
    const { bytesRead } =
      size < footerBytes
        ? { bytesRead: 0 }
        : await handle.read(footer, 0, footerBytes, size - footerBytes);
    const record =
      bytesRead === footerBytes ? decodeFooter(footer, size) : undefined;
    if (record !== undefined) return { handle, record };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function readRange(
  handle: FileHandle,
  first: number,
  last: number,
): Promise<Buffer | Readable> {
  const length = last - first + 1;
  if (length > pieceBytes) {
    return handle.createReadStream({
      start: first,
      end: last,
      highWaterMark: pieceBytes,
    });
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await handle.read(
        bytes,
        at,
        length - at,
        first + at,
      );
      if (bytesRead === 0) throw new Error("the file ends early");
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function writeTombstone(path: string, record: BlobRecord): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(encodeFooter(record));
    await stampPurgeTime(handle, record);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function truncate(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.truncate(0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A purge finds what is due by the modification time, without opening every file. */
async function stampPurgeTime(
  handle: FileHandle,
  record: BlobRecord,
): Promise<void> {
  const at = new Date(purgeableAtMs(record));
  await handle.utimes(at, at);
}

async function checkHardLinks(directory: string): Promise<void> {
  const path = join(directory, randomBytes(12).toString("base64url"));
  const other = `${path}.link`;
  try {
    await (await open(path, "wx", 0o600)).close();
    await link(path, other);
  } finally {
    await rm(path, { force: true });
    await rm(other, { force: true });
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(ignoreMissing))?.size;
}

const fileBytes = (objectBytes: number) =>
  Math.max(0, objectBytes - footerBytes);

const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error
    ? String(error.code)
    : undefined;
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
  return undefined;
}

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
