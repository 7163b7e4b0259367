import { createPortablePorts } from "@carryover/backup-file";
import {
  AGE_NONCE_BYTES,
  chunksOf,
  concatBytes,
  createAgeHeader,
  sealAgePayload,
} from "@carryover/backup-file/layers";
import { closableStream } from "./closable-stream.js";
import { checkedDatabase, type MeasuredDatabase } from "./database.js";
import { AccountFileError } from "./errors.js";
import { encodeHeader } from "./header/codec.js";
import type { AccountFileHeaderInput } from "./header/types.js";
import { paddingFor } from "./padding.js";
import type { AccountFilePorts } from "./ports.js";
import { recipientsOf } from "./protection/protect.js";
import type { AccountFileProtection } from "./protection/types.js";
import { throwIfAborted, translate } from "./translate.js";

/** How far a writer is. */
export interface AccountFileWriteProgress {
  /** Bytes of the database that went in. */
  readonly databaseBytes: number;
  /** Bytes of the file that came out. */
  readonly fileBytes: number;
}

/** What {@link writeBackupAccountFile} needs. */
export interface WriteBackupAccountFileOptions {
  readonly header: AccountFileHeaderInput;
  /** The closed installation's database, unencrypted; read once, at the pace of the file's reader. */
  readonly database: ReadableStream<Uint8Array>;
  /** What {@link measureDatabase} found in it before. */
  readonly measured: MeasuredDatabase;
  readonly protection: AccountFileProtection;
  /** The platform's ciphers and compressor; portable ones unless told. */
  readonly ports?: AccountFilePorts;
  /** Called for every piece of the file, about every 64 KiB. */
  readonly onProgress?: (progress: AccountFileWriteProgress) => void;
  readonly signal?: AbortSignal;
}

/** A file that was written to its end. */
export interface WrittenBackupAccountFile {
  /** Bytes of the file. */
  readonly sizeBytes: number;
  /** SHA-256 of the file, 32 bytes. */
  readonly sha256: Uint8Array;
}

/** A file that is being written. */
export interface BackupAccountFileWriter {
  /** The file. Nothing happens until it is read; cancelling it stops everything. */
  readonly file: ReadableStream<Uint8Array>;
  /**
   * Settles with the file's end: after its last byte was read, or with the error that the stream gave. Need not be
   * awaited.
   */
  readonly finished: Promise<WrittenBackupAccountFile>;
}

/**
 * Writes a Backup Account File: header and compressed database in an age v1 file. Constant memory at any size.
 *
 * The stream (and `finished`) fail with an AccountFileError: `headerInvalid`, `databaseInvalid`, `databaseChanged`,
 * `passphraseInvalid`, `workFactorInvalid`, `recipientInvalid`, `sourceFailed`, `aborted`. What was read of the stream
 * before it failed is no file: write it to a temporary place and move it only when the stream has ended.
 */
export const writeBackupAccountFile = (
  options: WriteBackupAccountFileOptions,
): BackupAccountFileWriter => {
  const ports = options.ports ?? createPortablePorts();
  // The compressor reads ahead. When the reader goes away, a read that waits for a slow database must end too.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(options.signal?.reason);
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });

  let resolve: (written: WrittenBackupAccountFile) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const finished = new Promise<WrittenBackupAccountFile>((onEnd, onError) => {
    resolve = onEnd;
    reject = onError;
  });
  // Whoever reads the stream gets the same error; not awaiting this one is no mistake.
  finished.catch(() => undefined);

  let databaseBytes = 0;
  async function* plain(
    headerLine: Uint8Array,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let payloadBytes = headerLine.length + 1;
    yield concatBytes([headerLine, Uint8Array.of(10)]);
    async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of chunksOf(options.database, stop.signal)) {
        databaseBytes += chunk.length;
        yield chunk;
      }
    }
    const checked = checkedDatabase(
      counted(),
      options.measured,
      { mismatch: "databaseChanged", noDatabase: "databaseInvalid" },
      ports,
    );
    for await (const piece of ports.gzip(checked)) {
      payloadBytes += piece.length;
      yield piece;
    }
    yield paddingFor(payloadBytes);
  }

  async function* sealed(): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfAborted(stop.signal);
    const headerLine = encodeHeader(options.header, options.measured);
    const { header, fileKey } = await createAgeHeader(
      await recipientsOf(options.protection, ports, stop.signal),
    );
    const nonce = crypto.getRandomValues(new Uint8Array(AGE_NONCE_BYTES));
    yield header;
    yield* sealAgePayload(
      plain(headerLine),
      fileKey,
      nonce,
      ports.chaCha20Poly1305,
    );
  }

  async function* file(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = ports.createSha256();
    let sizeBytes = 0;
    try {
      for await (const piece of sealed()) {
        throwIfAborted(stop.signal);
        sizeBytes += piece.length;
        hash.update(piece);
        options.onProgress?.({ databaseBytes, fileBytes: sizeBytes });
        yield piece;
      }
    } catch (error) {
      const translated = translate(error);
      reject(translated);
      throw translated;
    }
    resolve({ sizeBytes, sha256: hash.digest() });
  }

  const close = async (): Promise<void> => {
    options.signal?.removeEventListener("abort", onAbort);
    stop.abort();
    // Has no effect once the end or an error is known.
    reject(new AccountFileError("aborted", "the file's reader went away"));
    // A database that nobody began to read is let go too.
    if (!options.database.locked)
      await options.database.cancel().catch(() => undefined);
  };
  return { file: closableStream(file(), close), finished };
};
