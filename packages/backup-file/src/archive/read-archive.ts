import { createByteQueue } from "../bytes/byte-queue.js";
import { chunksOf } from "../bytes/streams.js";
import { flatten } from "../element/flatten.js";
import { elementRecord } from "../element/record.js";
import type { BackupElementRecord, MetadataView } from "../element/view.js";
import { BackupFileError } from "../errors.js";
import { withLimits, type BackupFileLimits } from "../limits.js";
import { createPortablePorts } from "../ports/portable.js";
import type { Aead, BackupFilePorts } from "../ports/ports.js";
import { ARCHIVE_NONCE_BYTES, createCountingNonce } from "./nonce.js";
import { checkArchiveKey } from "./write-archive.js";
import { zstdExpand } from "../zstd/expand.js";

/** The version of XMTP archives that this package knows. */
export const XMTP_ARCHIVE_VERSION = 0;
const HEADER_BYTES = 2 + ARCHIVE_NONCE_BYTES;
const LENGTH_BYTES = 4;
const TAG_BYTES = 16;

/** What {@link readXmtpArchive} needs. */
export interface ReadXmtpArchiveOptions {
  /** The archive, from its first byte. */
  readonly archive: ReadableStream<Uint8Array>;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly ports?: Pick<BackupFilePorts, "aes256Gcm">;
  readonly limits?: Partial<BackupFileLimits>;
  /** Called for every piece of the archive. */
  readonly onProgress?: (progress: { readonly fileBytes: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * How an archive's records were encrypted. `repeated` is what libxmtp did until November 2025: the same nonce for every
 * record. Such an archive opens, but its records could have been reordered or left out, and two of them together give
 * away something of both: write it anew and delete it.
 */
export type ArchiveNonces = "counting" | "repeated";

/** What an archive was found to be when it was read to its end. */
export interface XmtpArchiveEnd {
  readonly sizeBytes: number;
  /** Records that hold an element, the metadata among them. */
  readonly elementCount: number;
  /** Empty records, which mean nothing and were passed over. */
  readonly emptyRecordCount: number;
  readonly nonces: ArchiveNonces;
}

/** An archive that is open for reading, once. */
export interface XmtpArchiveReader {
  /** The version in the archive's header. */
  readonly archiveVersion: number;
  readonly metadata: MetadataView;
  /**
   * All elements in the archive's order, the metadata first. An archive has neither a count nor an end mark: one that
   * was cut between two records by whoever holds its key looks whole. Any other damage makes the iteration throw.
   */
  readonly elements: AsyncIterable<BackupElementRecord>;
  /** Throws a plain Error before `elements` has been read to its end. */
  end(): XmtpArchiveEnd;
}

/** Opens records one after the other. */
const createRecordOpener = (
  key: Uint8Array,
  start: Uint8Array,
  cipher: Aead,
) => {
  const nonce = createCountingNonce(start);
  let nonces: ArchiveNonces = "counting";
  let index = 0;
  return {
    open(sealed: Uint8Array): Uint8Array {
      let plain = cipher.open(key, nonce.bytes, sealed);
      if (plain === undefined && index === 1) {
        plain = cipher.open(key, start, sealed);
        if (plain !== undefined) {
          nonces = "repeated";
          nonce.bytes.set(start);
        }
      }
      if (plain === undefined)
        throw index === 0
          ? new BackupFileError(
              "archiveKeyMismatch",
              "record 0 does not open with this key",
            )
          : new BackupFileError(
              "recordAltered",
              `record ${index} is not authentic`,
            );
      if (nonces === "counting") nonce.next();
      index += 1;
      return plain;
    },
    nonces: (): ArchiveNonces => nonces,
  };
};

/**
 * Opens an XMTP archive.
 *
 * @throws BackupFileError for anything that is wrong up to the metadata; `elements` throws for the rest
 */
export const readXmtpArchive = async (
  options: ReadXmtpArchiveOptions,
): Promise<XmtpArchiveReader> => {
  checkArchiveKey(options.key);
  const limits = withLimits(options.limits);
  const cipher = (options.ports ?? createPortablePorts()).aes256Gcm;
  let sizeBytes = 0;
  let archiveVersion = 0;
  let emptyRecordCount = 0;
  let elementCount = 0;
  let opener: ReturnType<typeof createRecordOpener> | undefined;
  let ended = false;

  async function* pages(): AsyncGenerator<
    readonly BackupElementRecord[],
    void,
    undefined
  > {
    const head = createByteQueue();
    const chunks = chunksOf(options.archive, options.signal);
    async function* file(): AsyncGenerator<Uint8Array, void, undefined> {
      if (head.length > 0) yield head.take(head.length);
      for await (const chunk of chunks) {
        sizeBytes += chunk.length;
        options.onProgress?.({ fileBytes: sizeBytes });
        yield chunk;
      }
    }
    try {
      while (head.length < HEADER_BYTES) {
        const { done, value } = await chunks.next();
        if (done === true)
          throw new BackupFileError(
            "archiveHeaderInvalid",
            `header: expected ${HEADER_BYTES} bytes, got ${head.length}`,
          );
        sizeBytes += value.length;
        head.push(value);
      }
      const header = head.take(HEADER_BYTES);
      archiveVersion = (header[0] ?? 0) + (header[1] ?? 0) * 256;
      if (archiveVersion !== XMTP_ARCHIVE_VERSION)
        throw new BackupFileError(
          "archiveVersionUnsupported",
          `version: expected ${XMTP_ARCHIVE_VERSION}, got ${archiveVersion}`,
        );
      opener = createRecordOpener(options.key, header.slice(2), cipher);

      const queue = createByteQueue();
      let length: number | undefined;
      for await (const piece of zstdExpand(file(), limits)) {
        queue.push(piece);
        const page: BackupElementRecord[] = [];
        for (;;) {
          if (length === undefined) {
            if (queue.length < LENGTH_BYTES) break;
            const bytes = queue.take(LENGTH_BYTES);
            length = new DataView(
              bytes.buffer,
              bytes.byteOffset,
              LENGTH_BYTES,
            ).getUint32(0, true);
            if (length > limits.maxElementBytes + TAG_BYTES)
              throw new BackupFileError(
                "recordTooLarge",
                `record ${elementCount + emptyRecordCount}: ${length} bytes, at most ${limits.maxElementBytes + TAG_BYTES} accepted`,
              );
          }
          if (queue.length < length) break;
          const plain = opener.open(queue.take(length));
          length = undefined;
          if (plain.length === 0) {
            emptyRecordCount += 1;
            continue;
          }
          const record = elementRecord(plain);
          if (elementCount === 0 && record.view.kind !== "metadata")
            throw new BackupFileError(
              "archiveMetadataMissing",
              `record 0: expected metadata, got ${record.view.kind}`,
            );
          elementCount += 1;
          page.push(record);
        }
        if (page.length > 0) yield page;
      }
      if (length !== undefined || queue.length > 0)
        throw new BackupFileError(
          "recordTruncated",
          `record ${elementCount + emptyRecordCount} is cut`,
        );
      if (elementCount === 0)
        throw new BackupFileError("archiveMetadataMissing", "it is empty");
      ended = true;
    } finally {
      await chunks.return();
    }
  }

  const all = pages();
  const first = await all.next();
  const metadata = first.done === true ? undefined : first.value[0]?.view;
  if (first.done === true || metadata?.kind !== "metadata")
    throw new BackupFileError("archiveMetadataMissing", "it is empty");
  const firstPage = first.value;
  async function* again(): AsyncGenerator<
    readonly BackupElementRecord[],
    void,
    undefined
  > {
    try {
      yield firstPage;
      yield* all;
    } finally {
      await all.return();
    }
  }
  return {
    archiveVersion,
    metadata,
    elements: flatten(again()),
    end() {
      if (!ended || opener === undefined)
        throw new Error("the elements have not been read to their end");
      return {
        sizeBytes,
        elementCount,
        emptyRecordCount,
        nonces: opener.nonces(),
      };
    },
  };
};
