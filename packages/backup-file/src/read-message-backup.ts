import {
  createAgeDecrypter,
  createHeaderScanner,
  openAgeHeader,
  type AgeIdentity,
} from "./age/header.js";
import { AGE_NONCE_BYTES, openAgePayload } from "./age/payload.js";
import { createByteQueue } from "./bytes/byte-queue.js";
import { chunksOf } from "./bytes/streams.js";
import { flatten } from "./element/flatten.js";
import type { BackupElementRecord } from "./element/view.js";
import { BackupFileError } from "./errors.js";
import { gunzip } from "./gzip/gunzip.js";
import { withLimits, type BackupFileLimits } from "./limits.js";
import { readPlainForm } from "./plain/read-plain.js";
import type {
  MessageBackupHeader,
  MessageBackupManifest,
} from "./plain/types.js";
import { createPortablePorts } from "./ports/portable.js";
import type { BackupFilePorts } from "./ports/ports.js";

/** How far a reader is. */
export interface ReadProgress {
  /** Bytes of the encrypted file that were read. */
  readonly fileBytes: number;
}

/** What {@link readMessageBackupFile} needs. */
export interface ReadMessageBackupFileOptions {
  /** The encrypted file, from its first byte. */
  readonly file: ReadableStream<Uint8Array>;
  /** One or more age secret keys. */
  readonly identities: readonly AgeIdentity[];
  /**
   * How many bytes the file should have, if that is known. Without it, an end cut off inside a chunk cannot be told
   * from a changed byte: both are `fileAltered`.
   */
  readonly expectedSizeBytes?: number;
  /** The platform's ciphers and decompressor; portable ones unless told. */
  readonly ports?: BackupFilePorts;
  readonly limits?: Partial<BackupFileLimits>;
  /** Called for every piece of the file. */
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly signal?: AbortSignal;
}

/** The end of a file in which everything agreed. */
export interface VerifiedEnd {
  readonly manifest: MessageBackupManifest;
  /** Bytes of the encrypted file. */
  readonly sizeBytes: number;
  /** SHA-256 of the encrypted file, 32 bytes. */
  readonly sha256: Uint8Array;
}

/** A file that is open for reading, once. */
export interface MessageBackupFileReader {
  readonly header: MessageBackupHeader;
  /**
   * The elements, in the file's order. They are provisional until the iteration has ended: it throws when anything up
   * to the last byte of the file is wrong. Leaving the loop early closes the file.
   */
  readonly elements: AsyncIterable<BackupElementRecord>;
  /** What was verified at the end. Throws a plain Error before `elements` has been read to its end. */
  verified(): VerifiedEnd;
}

/** Checks the declared size as the file goes by, and hashes it. */
const watchFile = (
  options: ReadMessageBackupFileOptions,
  ports: Pick<BackupFilePorts, "createSha256">,
  signal: AbortSignal,
) => {
  const sha256 = ports.createSha256();
  const expected = options.expectedSizeBytes;
  let sizeBytes = 0;
  let digest: Uint8Array | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunksOf(options.file, signal)) {
      sizeBytes += chunk.length;
      if (expected !== undefined && sizeBytes > expected)
        throw new BackupFileError(
          "trailingData",
          `expected ${expected} bytes, got at least ${sizeBytes}`,
        );
      sha256.update(chunk);
      options.onProgress?.({ fileBytes: sizeBytes });
      yield chunk;
    }
    if (expected !== undefined && sizeBytes < expected)
      throw new BackupFileError(
        "fileTruncated",
        `expected ${expected} bytes, got ${sizeBytes}`,
      );
    digest = sha256.digest();
  }
  return {
    chunks,
    end: () => ({ sizeBytes, sha256: digest ?? new Uint8Array(0) }),
  };
};

/** The decrypted payload of an age file. */
async function* decrypt(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  options: ReadMessageBackupFileOptions,
  ports: BackupFilePorts,
  limits: BackupFileLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decrypter = createAgeDecrypter(options.identities);
  const queue = createByteQueue();
  const scan = createHeaderScanner(limits.maxAgeHeaderBytes);
  try {
    let headerBytes: number | undefined;
    while (
      headerBytes === undefined ||
      queue.length < headerBytes + AGE_NONCE_BYTES
    ) {
      const { done, value } = await chunks.next();
      if (done === true)
        throw new BackupFileError("fileTruncated", "the age header is cut");
      queue.push(value);
      headerBytes ??= scan(queue);
    }
    const fileKey = await openAgeHeader(queue.take(headerBytes), decrypter);
    const nonce = queue.take(AGE_NONCE_BYTES).slice();
    async function* rest(): AsyncGenerator<Uint8Array, void, undefined> {
      if (queue.length > 0) yield queue.take(queue.length);
      yield* chunks;
    }
    yield* openAgePayload(rest(), fileKey, nonce, ports.chaCha20Poly1305);
  } finally {
    // Also when the header was never read to its end: the stream must be let go.
    await chunks.return();
  }
}

/** A reader whose elements come in pages: what a caller that looks at none of them needs. */
interface PagedReader {
  readonly header: MessageBackupHeader;
  readonly pages: AsyncGenerator<
    readonly BackupElementRecord[],
    void,
    undefined
  >;
  readonly verified: () => VerifiedEnd;
}

const openPaged = async (
  options: ReadMessageBackupFileOptions,
): Promise<PagedReader> => {
  const ports = options.ports ?? createPortablePorts();
  const limits = withLimits(options.limits);
  // The decompressor reads ahead. When the caller is done early, a read that waits for a slow source must end too.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(options.signal?.reason);
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const close = (): void => {
    options.signal?.removeEventListener("abort", onAbort);
    stop.abort();
  };
  const watched = watchFile(options, ports, stop.signal);
  const events = readPlainForm(
    gunzip(decrypt(watched.chunks(), options, ports, limits), ports, limits),
    ports,
    limits,
  );
  const first = await events.next().catch((error: unknown) => {
    close();
    throw error;
  });
  if (first.done === true || first.value.kind !== "header")
    throw new BackupFileError("headerInvalid", "there is no header");

  let end: VerifiedEnd | undefined;
  async function* pages(): AsyncGenerator<
    readonly BackupElementRecord[],
    void,
    undefined
  > {
    try {
      for await (const event of events) {
        if (event.kind === "elements") yield event.elements;
        if (event.kind === "manifest")
          end = { manifest: event.manifest, ...watched.end() };
      }
    } finally {
      close();
    }
  }
  return {
    header: first.value.header,
    pages: pages(),
    verified() {
      if (end === undefined)
        throw new Error("the elements have not been read to their end");
      return end;
    },
  };
};

/**
 * Opens a Message Backup File.
 *
 * @returns its header, its elements and, at their end, its verified manifest
 * @throws BackupFileError for anything that is wrong up to the end of the header; `elements` throws for the rest
 */
export const readMessageBackupFile = async (
  options: ReadMessageBackupFileOptions,
): Promise<MessageBackupFileReader> => {
  const { header, pages, verified } = await openPaged(options);
  return { header, elements: flatten(pages), verified };
};

/** A file of which every byte was checked. */
export interface VerifiedMessageBackupFile extends VerifiedEnd {
  readonly header: MessageBackupHeader;
}

/**
 * Reads a Message Backup File to its end and keeps nothing of it. Do this before the first element is used.
 *
 * @throws BackupFileError for anything that is wrong with it
 */
export const verifyMessageBackupFile = async (
  options: ReadMessageBackupFileOptions,
): Promise<VerifiedMessageBackupFile> => {
  const { header, pages, verified } = await openPaged(options);
  while ((await pages.next()).done !== true);
  return { header, ...verified() };
};
