import { randomBytes } from "node:crypto";
import {
  decodeFooter,
  encodeFooter,
  footerBytes,
  purgeableAtMs,
} from "./blob-footer.js";
import { createBlobSpace } from "./blob-space.js";
import type { BlobRecord, BlobStore, BlobWriter } from "./blob-store.js";
import type { LimitStore } from "./limit-store.js";
import { contentOfStream } from "./content-of-stream.js";
import { createPartWriter } from "./part-writer.js";
import {
  bodyOf,
  createS3Client,
  isFull,
  objectStoreSilenceMs,
  type S3Client,
  type S3Location,
} from "./s3-client.js";
import { maxObjectBytes, partBytesFor } from "./s3-parts.js";
import { StorageProviderError } from "./storage-provider-error.js";
import type { BlobId } from "./ticket.js";

/** Where and how much an S3 store keeps. */
export interface S3StoreOptions extends S3Location {
  /** Put before every key. Default none. */
  readonly prefix?: string;
  /** Bytes of all files together. What other instances add shows after the next purge. Default: unlimited. */
  readonly maxTotalBytes?: number;
  /**
   * Makes sure that one instance at a time gives a name, where the service's conditional create leaves a gap (that of
   * Swift does). Not closed with the store.
   */
  readonly locks: LimitStore;
  /** How long the service may be silent while it is waited for, in milliseconds. Default 30,000. */
  readonly silenceMs?: number;
}

const noBytes = bodyOf(new Uint8Array());
const nonceLength = 16;
const purgeAtOnce = 16;
const lockTimeoutMs = 90_000;
const lockRetryMs = 100;
/** After this, an upload in parts is taken for one that a dead instance left. */
const longestUploadMs = 24 * 3_600_000;

/**
 * Files in a bucket, shared by any number of instances. Three kinds of objects:
 *
 * - `data/ID.NONCE`: the bytes of an upload. Reached through a record only.
 * - `name/ID`: the record (which `NONCE`, and what is known of the file). Written by conditional create, which is the one
 *   moment at which an upload appears; so nothing but a small `PutObject` has to be conditional.
 * - `due/TIME/ID.NONCE`: says what is to be looked at then. Written before the other two, so nothing that a dead instance
 *   left behind is forgotten.
 *
 * @throws StorageProviderError `settings-invalid`, `unavailable` (the bucket cannot be listed)
 */
export async function createS3Store(
  options: S3StoreOptions,
): Promise<BlobStore> {
  const silenceMs = options.silenceMs ?? objectStoreSilenceMs;
  const space = createBlobSpace(options.maxTotalBytes ?? Infinity);
  const prefix = options.prefix ?? "";
  const client = createS3Client(options, silenceMs);
  const nameKey = (id: string) => `${prefix}name/${id}`;
  const dataKey = (id: string, nonce: string) => `${prefix}data/${id}.${nonce}`;
  const dueKey = (atMs: number, id: string, nonce: string) =>
    `${prefix}due/${String(atMs).padStart(15, "0")}/${id}.${nonce}`;

  const find = async (id: BlobId) => {
    const object = await client.get(nameKey(id));
    return object === undefined ? undefined : decodeRecord(object);
  };
  const alone = async <T>(id: BlobId, work: () => Promise<T>): Promise<T> => {
    const deadline = performance.now() + lockTimeoutMs;
    for (;;) {
      const slot = await options.locks.enter(`naming:${id}`, 1);
      if (slot !== undefined) {
        try {
          return await work();
        } finally {
          await slot.release();
        }
      }
      if (performance.now() > deadline) {
        throw new StorageProviderError(
          "unavailable",
          "another upload of this name does not end",
          { retryAfterSeconds: 5 },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, lockRetryMs));
    }
  };
  const countStored = async () => {
    let total = 0;
    for await (const { size } of listAll(client, `${prefix}data/`)) {
      total += size;
    }
    space.setStored(total);
  };
  await countStored();

  return {
    maxFileBytes: maxObjectBytes,

    async create(id, maxBytes): Promise<BlobWriter> {
      const nonce = newNonce();
      const parts = createPartWriter(
        client,
        dataKey(id, nonce),
        partBytesFor(maxBytes),
      );
      const reservation = space.reserve();
      let due: string | undefined;
      let state: "open" | "naming" | "stored" | "aborted" = "open";
      return {
        write(chunk) {
          reservation.grow(chunk.byteLength);
          return parts.write(chunk);
        },
        async commit(facts) {
          const record = { state: "stored", ...facts } as const;
          due = dueKey(purgeableAtMs(record), id, nonce);
          await client.put(due, noBytes);
          await parts.finish();
          return alone(id, async () => {
            if ((await find(id)) !== undefined) return "taken";
            state = "naming";
            const outcome = await client.putNew(
              nameKey(id),
              bodyOf(encodeRecord(record, nonce)),
            );
            if (outcome === "full") {
              // Certainly not named: nothing of it need wait for a purge, and take room meanwhile.
              state = "open";
              throw new StorageProviderError(
                "full",
                "the object store is full",
              );
            }
            // An answer that was lost and asked for again says taken of what this very upload created.
            if (outcome === "taken" && (await find(id))?.nonce !== nonce) {
              state = "open";
              return "taken";
            }
            state = "stored";
            space.add(facts.size);
            return "created";
          });
        },
        async abort() {
          if (state === "aborted") return;
          reservation.release();
          // Without an answer, the record may be there: then its data must be too. If it is not, a purge finds the data.
          if (state === "stored" || state === "naming") return;
          state = "aborted";
          await parts.abort().catch(() => undefined);
          if (due !== undefined) {
            await client.remove(due).catch(() => undefined);
          }
        },
      };
    },

    async find(id) {
      return (await find(id))?.record;
    },

    async open(id) {
      const found = await find(id);
      if (found?.record.state !== "stored") return undefined;
      return {
        facts: found.record,
        async content(range) {
          const from = async (sentBytes: number) => {
            const stream = await client.stream(dataKey(id, found.nonce), {
              first: range.first + sentBytes,
              last: range.last,
            });
            if (stream !== undefined) return stream;
            throw new StorageProviderError(
              "not-found",
              "deleted while it was asked for",
            );
          };
          // Services end answers that are not taken for a while, and a client may be slow.
          return contentOfStream(await from(0), range.last - range.first + 1, {
            silenceMs,
            reopen: from,
          });
        },
        close: () => Promise.resolve(),
      };
    },

    async withdraw(id, ticketExpiresAtMs) {
      const record = { state: "withdrawn", ticketExpiresAtMs } as const;
      const nonce = newNonce();
      const mark = async () => {
        await client.put(dueKey(ticketExpiresAtMs, id, nonce), noBytes);
        return alone(id, async () => {
          const found = await find(id);
          await client.put(nameKey(id), bodyOf(encodeRecord(record, nonce)));
          return found;
        });
      };
      const before = await mark().catch(async (error: unknown) => {
        const found = isFull(error) ? await find(id) : undefined;
        if (found?.record.state !== "stored") throw error;
        // Whoever wants a file gone may make the room for the mark that says so.
        await client.remove(dataKey(id, found.nonce));
        return mark();
      });
      if (before?.record.state === "stored") {
        await client.remove(dataKey(id, before.nonce));
        space.free(before.record.size);
      }
    },

    async purge(nowMs, signal) {
      let removed = 0;
      let freedBytes = 0;
      const due = `${prefix}due/`;
      const purgeOne = async (key: string) => {
        const [id = "", nonce = ""] = (key.split("/").at(-1) ?? "").split(".");
        const found = await find(id as BlobId);
        if (found?.nonce === nonce) {
          if (purgeableAtMs(found.record) > nowMs) return;
          await client.remove(dataKey(id, nonce));
          await client.remove(nameKey(id));
          removed += 1;
          freedBytes += found.record.state === "stored" ? found.record.size : 0;
        } else {
          // Of an upload that never appeared, or that was withdrawn since.
          await client.remove(dataKey(id, nonce));
        }
        await client.remove(key);
      };
      let batch: Promise<void>[] = [];
      for await (const { key } of listAll(client, due)) {
        const time = key.slice(due.length).split("/")[0];
        if (signal?.aborted === true || Number(time) > nowMs) break;
        batch.push(purgeOne(key));
        if (batch.length < purgeAtOnce) continue;
        await Promise.all(batch);
        batch = [];
      }
      await Promise.all(batch);
      for (const { key, uploadId, begunAtMs } of await client.listMultipart(
        `${prefix}data/`,
      )) {
        if (begunAtMs + longestUploadMs <= nowMs) {
          await client.abortMultipart(key, uploadId);
        }
      }
      await countStored();
      return { removed, freedBytes };
    },

    usedBytes: () => space.usedBytes(),

    async probe() {
      const key = `${prefix}probe/${newNonce()}`;
      await client.put(key, bodyOf(new Uint8Array(1)));
      await client.remove(key);
    },

    async close() {
      client.close();
    },
  };
}

async function* listAll(client: S3Client, prefix: string) {
  let after: string | undefined;
  do {
    const page = await client.list(prefix, after);
    yield* page.objects;
    after = page.next;
  } while (after !== undefined);
}

const newNonce = () => randomBytes((nonceLength * 3) / 4).toString("base64url");

/** A record is the footer that a directory keeps behind a file, over a file of no bytes, and the nonce. */
function encodeRecord(record: BlobRecord, nonce: string): Buffer {
  return Buffer.concat([encodeFooter(record), Buffer.from(nonce, "latin1")]);
}

function decodeRecord(
  object: Buffer,
): { readonly record: BlobRecord; readonly nonce: string } | undefined {
  if (object.byteLength !== footerBytes + nonceLength) return undefined;
  const footer = object.subarray(0, footerBytes);
  const size = Number(footer.readBigUInt64BE(16));
  const record = decodeFooter(footer, size + footerBytes);
  return record === undefined
    ? undefined
    : { record, nonce: object.subarray(footerBytes).toString("latin1") };
}
