import {
  createPortablePorts,
  defaultLimits as layerLimits,
} from "@carryover/backup-file";
import { BackupFileError } from "@carryover/backup-file";
import {
  type ByteQueue,
  chunksOf,
  createAgeDecrypter,
  createByteQueue,
  gunzip,
  openAgeHeader,
} from "@carryover/backup-file/layers";
import { closableStream } from "./closable-stream.js";
import { checkedDatabase } from "./database.js";
import { AccountFileError } from "./errors.js";
import { readFileStart, readPayloadNonce } from "./file-start.js";
import {
  HEADER_START,
  type ParsedHeader,
  parseHeader,
} from "./header/codec.js";
import type { AccountFileHeader } from "./header/types.js";
import { type AccountFileLimits, withLimits } from "./limits.js";
import { withoutPadding } from "./padding.js";
import { openWholeChunks } from "./payload.js";
import type { AccountFilePorts } from "./ports.js";
import { readStanzas } from "./protection/read-stanzas.js";
import type {
  AccountFileProtection,
  AccountFileSecret,
} from "./protection/types.js";
import { type Unprotected, unprotect } from "./protection/unprotect.js";
import { throwIfAborted, translate } from "./translate.js";

/** What {@link openBackupAccountFile} needs. */
export interface OpenBackupAccountFileOptions {
  /** The file, from its first byte. */
  readonly file: ReadableStream<Uint8Array>;
  readonly secret: AccountFileSecret;
  /** The platform's ciphers and decompressor; portable ones unless told. */
  readonly ports?: AccountFilePorts;
  readonly limits?: Partial<AccountFileLimits>;
  /** Called for every piece of the file. */
  readonly onProgress?: (progress: { readonly fileBytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** The end of a file in which everything agreed. */
export interface VerifiedAccountFile {
  /** Bytes of the file. */
  readonly sizeBytes: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly sha256: Uint8Array;
}

/** A file that is open, once. */
export interface OpenBackupAccountFile {
  /** Authentic: whoever wrote it had the secret (or, for `recipients`, only the public key). */
  readonly header: AccountFileHeader;
  /** Paths of header fields that this version does not know. */
  readonly unknownFields: readonly string[];
  /**
   * The database. It is provisional until the stream has closed: it fails when anything up to the last byte of the file
   * is wrong. Cancel it if only the header is wanted.
   */
  readonly database: ReadableStream<Uint8Array>;
  /** What was verified at the end. Throws a plain Error before `database` has been read to its end. */
  readonly verified: () => VerifiedAccountFile;
  /**
   * How to protect a refreshed copy in the same way: holds the passphrase or the wallet's key, so that nobody is asked
   * again. `undefined` for a file opened with age identities: they do not say who else it was made for.
   */
  readonly sameProtection: AccountFileProtection | undefined;
}

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/** Checks the secret against the age header. */
const openHeader = async (
  ageHeader: Uint8Array,
  unprotected: Unprotected,
): Promise<Uint8Array> => {
  try {
    return await openAgeHeader(
      ageHeader,
      createAgeDecrypter(unprotected.identities),
    );
  } catch (error) {
    if (error instanceof BackupFileError && error.code === "identityMismatch")
      throw new AccountFileError(
        unprotected.mismatch,
        "the secret does not open the file",
      );
    throw error;
  }
};

const LINE_FEED = 10;

/** Reads the header's line from the decrypted payload; what follows it stays in the queue. */
const readHeaderLine = async (
  plain: Bytes,
  queue: ByteQueue,
  maxHeaderBytes: number,
): Promise<ParsedHeader & { readonly lineBytes: number }> => {
  let length = 0;
  for (;;) {
    for (; length < queue.length; length += 1) {
      const byte = queue.at(length);
      if (
        length < HEADER_START.length &&
        byte !== HEADER_START.charCodeAt(length)
      )
        throw new AccountFileError(
          "notAccountFile",
          "the content does not begin as that of a Backup Account File",
        );
      if (byte === LINE_FEED) {
        const line = queue.take(length);
        queue.take(1);
        return { ...parseHeader(line), lineBytes: length + 1 };
      }
      if (length >= maxHeaderBytes)
        throw new AccountFileError(
          "tooLarge",
          `header: expected at most ${maxHeaderBytes} bytes`,
        );
    }
    const { done, value } = await plain.next();
    if (done === true)
      throw new AccountFileError(
        "notAccountFile",
        "the content ends before a header does",
      );
    queue.push(value);
  }
};

/** What is in a queue, then what follows it. */
async function* rest(queue: ByteQueue, more: Bytes): Bytes {
  try {
    if (queue.length > 0) yield queue.take(queue.length);
    yield* more;
  } finally {
    await more.return();
  }
}

/**
 * Opens a Backup Account File. Nothing is read beyond the header until `database` is.
 *
 * @throws AccountFileError for anything that is wrong up to the end of the header; `database` fails for the rest
 */
export const openBackupAccountFile = async (
  options: OpenBackupAccountFileOptions,
): Promise<OpenBackupAccountFile> => {
  const ports = options.ports ?? createPortablePorts();
  const limits = withLimits(options.limits);
  const { signal } = options;
  // The decompressor reads ahead. When the caller is done early, a read that waits for a slow source must end too.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });

  const hash = ports.createSha256();
  let sizeBytes = 0;
  async function* watched(): Bytes {
    for await (const chunk of chunksOf(options.file, stop.signal)) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      options.onProgress?.({ fileBytes: sizeBytes });
      yield chunk;
    }
  }
  const chunks = watched();
  const close = async (): Promise<void> => {
    signal?.removeEventListener("abort", onAbort);
    stop.abort();
    // Where nothing was read yet, nobody has locked it.
    if (!options.file.locked)
      await options.file.cancel().catch(() => undefined);
  };

  const open = async () => {
    const { ageHeader, queue } = await readFileStart(chunks, limits);
    const stanzas = await readStanzas(ageHeader);
    const unprotected = await unprotect(
      stanzas,
      options.secret,
      limits,
      ports,
      stop.signal,
    );
    const fileKey = await openHeader(ageHeader, unprotected);
    const nonce = await readPayloadNonce(queue, chunks);
    const plain = openWholeChunks(
      rest(queue, chunks),
      fileKey,
      nonce,
      ports.chaCha20Poly1305,
    );
    const content = createByteQueue();
    const { header, unknownFields, lineBytes } = await readHeaderLine(
      plain,
      content,
      limits.maxHeaderBytes,
    );
    if (header.database.sizeBytes > limits.maxDatabaseBytes)
      throw new AccountFileError(
        "tooLarge",
        `header.database.sizeBytes: expected at most ${limits.maxDatabaseBytes}, got ${header.database.sizeBytes}`,
      );
    return {
      header,
      unknownFields,
      unprotected,
      compressed: withoutPadding(rest(content, plain), lineBytes),
    };
  };

  let end: VerifiedAccountFile | undefined;
  async function* database(
    header: AccountFileHeader,
    compressed: Bytes,
  ): Bytes {
    const expanded = gunzip(compressed, ports, {
      ...layerLimits,
      maxExpandedBytes: header.database.sizeBytes,
      maxExpansionRatio: limits.maxExpansionRatio,
      ratioFreeBytes: limits.ratioFreeBytes,
    });
    try {
      yield* checkedDatabase(
        expanded,
        header.database,
        { mismatch: "databaseMismatch", noDatabase: "databaseMismatch" },
        ports,
      );
    } catch (error) {
      throw translate(error);
    }
    throwIfAborted(signal);
    end = { sizeBytes, sha256: hash.digest() };
  }

  try {
    const { header, unknownFields, unprotected, compressed } = await open();
    return {
      header,
      unknownFields,
      database: closableStream(database(header, compressed), close),
      verified() {
        if (end === undefined)
          throw new Error("the database has not been read to its end");
        return end;
      },
      sameProtection: unprotected.sameProtection,
    };
  } catch (error) {
    await close();
    throw translate(error);
  }
};

/** A file of which every byte was checked. */
export type VerifiedBackupAccountFile = VerifiedAccountFile &
  Pick<OpenBackupAccountFile, "header" | "unknownFields">;

/**
 * Reads a Backup Account File to its end and keeps nothing of its database.
 *
 * @throws AccountFileError for anything that is wrong with it
 */
export const verifyBackupAccountFile = async (
  options: OpenBackupAccountFileOptions,
): Promise<VerifiedBackupAccountFile> => {
  const { header, unknownFields, database, verified } =
    await openBackupAccountFile(options);
  const reader = database.getReader();
  while (!(await reader.read()).done);
  return { header, unknownFields, ...verified() };
};
