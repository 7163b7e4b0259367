import type { Writable } from "node:stream";
import type { BlobId } from "./ticket.js";

/** What is known of a stored file. */
export interface BlobFacts {
  /** Bytes of the file. */
  readonly size: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly sha256: Uint8Array;
  /** Unix milliseconds. */
  readonly createdAtMs: number;
  /** Unix milliseconds; nobody gets the file from then on. */
  readonly expiresAtMs: number;
  /**
   * Unix milliseconds. The name stays taken until then, even after deletion: the ticket would otherwise be good a second
   * time.
   */
  readonly ticketExpiresAtMs: number;
  /** SHA-256 of the uploader's idempotency key; 32 zero bytes where it sent none. */
  readonly idempotencyKeyHash: Uint8Array;
}

/** What a name stands for: a file, or a mark that its ticket may not be used any more. */
export type BlobRecord =
  | ({ readonly state: "stored" } & BlobFacts)
  | { readonly state: "withdrawn"; readonly ticketExpiresAtMs: number };

/** An upload under way. Nothing of it can be seen before `commit`, and nothing stays after `abort`. */
export interface BlobWriter {
  /**
   * Takes bytes in order.
   *
   * @returns a promise where the caller should wait before sending more, `undefined` where it need not
   * @throws StorageProviderError `full`, `unavailable` (also from the promise)
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /**
   * Makes the bytes durable, then visible under the name, all or nothing.
   *
   * @returns `taken` where the name was in use already; nothing was changed then
   * @throws StorageProviderError `full`, `unavailable`
   */
  commit(facts: BlobFacts): Promise<"created" | "taken">;
  /** Removes every trace. Safe to call at any time, also after `commit`; never throws. */
  abort(): Promise<void>;
}

/** Bytes of a stored file, first and last included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Asked before every piece, with the bytes sent so far; rejects to stop. */
export type BeforePiece = (sentBytes: number) => Promise<void>;

/** More bytes than are had at once. */
export interface ContentSource {
  /**
   * Writes all bytes to a sink, which it leaves open, and lets go of the file whatever comes. Call once.
   *
   * @param sink that needs no chunk any more once it has called back for it
   * @throws Error when the bytes cannot be read to their end or the sink closes; what `beforePiece` rejects with
   */
  sendTo(sink: Writable, beforePiece?: BeforePiece): Promise<void>;
}

/** A stored file. Once its content is asked for it can be read to its end, though it is deleted meanwhile. */
export interface OpenBlob {
  readonly facts: BlobFacts;
  /**
   * Either this or `close` is called, once.
   *
   * @param range within the file
   * @returns the bytes: all at once where they are few, else what sends them
   * @throws StorageProviderError `unavailable`; `not-found` where the file went away before
   */
  content(range: ByteRange): Promise<Buffer | ContentSource>;
  /** Lets go of the file without reading it. */
  close(): Promise<void>;
}

/** What a purge did. */
export interface PurgeReport {
  readonly removed: number;
  /** Bytes of the removed files. */
  readonly freedBytes: number;
}

/**
 * Where files are kept. Names are created exclusively; every method answers as if it happened at one moment. All
 * implementations run one contract suite.
 */
export interface BlobStore {
  /** Largest file that it can keep, in bytes, whatever room there is. */
  readonly maxFileBytes: number;
  /**
   * @param maxBytes most that will be written, up to `maxFileBytes`
   * @returns a writer for a name that may turn out to be taken only at `commit`
   */
  create(id: BlobId, maxBytes: number): Promise<BlobWriter>;
  /** @returns what the name stands for, expired or not */
  find(id: BlobId): Promise<BlobRecord | undefined>;
  /** @returns the file, held open; `undefined` where there is none */
  open(id: BlobId): Promise<OpenBlob | undefined>;
  /** Removes the file, if any, and takes the name until `ticketExpiresAtMs`. */
  withdraw(id: BlobId, ticketExpiresAtMs: number): Promise<void>;
  /** Removes what has expired, in small steps. */
  purge(nowMs: number, signal?: AbortSignal): Promise<PurgeReport>;
  /** Bytes of all stored files, as far as this instance knows. */
  usedBytes(): number;
  /** Fails where the store cannot take or give files now. */
  probe(): Promise<void>;
  /** Lets go of everything held open. */
  close(): Promise<void>;
}
