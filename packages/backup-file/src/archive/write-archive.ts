import { streamOf, throwIfAborted } from "../bytes/streams.js";
import type { BackupElementRecord } from "../element/view.js";
import { BackupFileError } from "../errors.js";
import { createPortablePorts } from "../ports/portable.js";
import type { Aead, BackupFilePorts } from "../ports/ports.js";
import { ARCHIVE_NONCE_BYTES, createCountingNonce } from "./nonce.js";
import { createPaddingPlan, EMPTY_RECORD_BYTES } from "./padding.js";
import { zstdStore } from "../zstd/stored.js";

/** Bytes of an archive key (AES-256). */
export const ARCHIVE_KEY_BYTES = 32;
const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const BLOCK_BYTES = 64 * 1024;

/** What {@link writeXmtpArchive} needs. */
export interface WriteXmtpArchiveOptions {
  /** The metadata element first, then groups before the messages in them. Read once, at the reader's pace. */
  readonly elements:
    AsyncIterable<BackupElementRecord> | Iterable<BackupElementRecord>;
  /** 32 bytes. Use a key for one archive only. */
  readonly key: Uint8Array;
  /** The version in the archive's header; 0 unless told. */
  readonly archiveVersion?: number;
  /**
   * `importer` (unless told otherwise) puts empty records before large ones, without which libxmtp's importer may spin
   * for ever; `none` writes only the elements.
   */
  readonly padding?: "importer" | "none";
  readonly ports?: Pick<BackupFilePorts, "aes256Gcm">;
  readonly signal?: AbortSignal;
}

/** An archive that was written to its end. */
export interface WrittenXmtpArchive {
  readonly sizeBytes: number;
  /** Records that hold an element. */
  readonly elementCount: number;
  /** Empty records among them. */
  readonly emptyRecordCount: number;
}

/** An archive that is being written. */
export interface XmtpArchiveWriter {
  /** The archive. Nothing happens until it is read. */
  readonly archive: ReadableStream<Uint8Array>;
  /** Settles with the archive's end or the stream's error. Need not be awaited. */
  readonly finished: Promise<WrittenXmtpArchive>;
}

/** @throws BackupFileError `archiveKeyInvalid` */
export const checkArchiveKey = (key: Uint8Array): void => {
  if (key.length !== ARCHIVE_KEY_BYTES)
    throw new BackupFileError(
      "archiveKeyInvalid",
      `key: expected ${ARCHIVE_KEY_BYTES} bytes, got ${key.length}`,
    );
};

/** Length and ciphertext of one record. */
const sealRecord = (
  plain: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  cipher: Aead,
): Uint8Array[] => {
  const sealed = cipher.seal(key, nonce, plain);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, sealed.length, true);
  return [length, sealed];
};

const nothing = new Uint8Array(0);

/**
 * Writes an XMTP archive: version, nonce, and one zstd frame of encrypted records, with the padding that libxmtp's
 * importer needs. Constant memory.
 *
 * The stream (and `finished`) fail with a BackupFileError: `archiveKeyInvalid`, `archiveMetadataMissing` when the first
 * element is not the metadata, `aborted`; or with what `elements` throws.
 */
export const writeXmtpArchive = (
  options: WriteXmtpArchiveOptions,
): XmtpArchiveWriter => {
  const { key, archiveVersion = 0, padding = "importer", signal } = options;
  const cipher = (options.ports ?? createPortablePorts()).aes256Gcm;
  let resolve: (written: WrittenXmtpArchive) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const finished = new Promise<WrittenXmtpArchive>((onEnd, onError) => {
    resolve = onEnd;
    reject = onError;
  });
  finished.catch(() => undefined);
  let elementCount = 0;
  let emptyRecordCount = 0;

  const start = crypto.getRandomValues(new Uint8Array(ARCHIVE_NONCE_BYTES));
  async function* records(): AsyncGenerator<Uint8Array, void, undefined> {
    const nonce = createCountingNonce(start);
    const plan = createPaddingPlan();
    let block: Uint8Array[] = [];
    let length = 0;
    const add = (plain: Uint8Array): void => {
      for (const piece of sealRecord(plain, key, nonce.bytes, cipher)) {
        block.push(piece);
        length += piece.length;
      }
      nonce.next();
    };
    for await (const { bytes, view } of options.elements) {
      throwIfAborted(signal);
      if (elementCount === 0 && view.kind !== "metadata")
        throw new BackupFileError(
          "archiveMetadataMissing",
          `element 0: expected metadata, got ${view.kind}`,
        );
      // An empty element is padding already, and means nothing.
      if (bytes.length === 0) continue;
      const empty =
        padding === "none"
          ? 0
          : plan.before(LENGTH_BYTES + bytes.length + TAG_BYTES);
      for (let i = 0; i < empty; i += 1) add(nothing);
      emptyRecordCount += empty;
      add(bytes);
      elementCount += 1;
      if (length < BLOCK_BYTES) continue;
      for (const piece of joined(block, length)) yield piece;
      block = [];
      length = 0;
    }
    if (elementCount === 0)
      throw new BackupFileError(
        "archiveMetadataMissing",
        "there are no elements",
      );
    yield* joined(block, length);
  }

  async function* archive(): AsyncGenerator<Uint8Array, void, undefined> {
    let sizeBytes = 0;
    let done = false;
    try {
      throwIfAborted(signal);
      checkArchiveKey(key);
      const head = new Uint8Array(2 + ARCHIVE_NONCE_BYTES);
      new DataView(head.buffer).setUint16(0, archiveVersion, true);
      head.set(start, 2);
      sizeBytes += head.length;
      yield head;
      for await (const piece of zstdStore(records())) {
        sizeBytes += piece.length;
        yield piece;
      }
      done = true;
      resolve({ sizeBytes, elementCount, emptyRecordCount });
    } catch (error) {
      done = true;
      reject(error);
      throw error;
    } finally {
      if (!done)
        reject(
          new BackupFileError("aborted", "the archive's reader went away"),
        );
    }
  }
  return { archive: streamOf(archive()), finished };
};

/** Many small pieces as one; large ones as they are. */
const joined = (
  pieces: readonly Uint8Array[],
  length: number,
): Uint8Array[] => {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return [whole];
};

/** Bytes that padding adds to an archive. */
export const paddingBytes = (emptyRecordCount: number): number =>
  emptyRecordCount * EMPTY_RECORD_BYTES;
