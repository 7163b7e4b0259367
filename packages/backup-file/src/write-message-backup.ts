import { createAgeHeader, type AgeRecipient } from "./age/header.js";
import { AGE_NONCE_BYTES, sealAgePayload } from "./age/payload.js";
import { streamOf, throwIfAborted } from "./bytes/streams.js";
import type { BackupElementRecord } from "./element/view.js";
import { BackupFileError } from "./errors.js";
import { withLimits, type BackupFileLimits } from "./limits.js";
import { createElementCounter } from "./plain/counter.js";
import type {
  LeftOut,
  MessageBackupHeaderInput,
  MessageBackupManifest,
} from "./plain/types.js";
import { writePlainForm } from "./plain/write-plain.js";
import { createPortablePorts } from "./ports/portable.js";
import type { BackupFilePorts } from "./ports/ports.js";

/** How far a writer is. */
export interface WriteProgress {
  /** Elements that went in. */
  readonly elements: number;
  /** Messages among them. */
  readonly messages: number;
  /** Bytes of the encrypted file that came out. */
  readonly fileBytes: number;
}

/** What {@link writeMessageBackupFile} needs. */
export interface WriteMessageBackupFileOptions {
  readonly header: MessageBackupHeaderInput;
  /** What to write, metadata element first if there is one. Read once, at the pace of the file's reader. */
  readonly elements:
    AsyncIterable<BackupElementRecord> | Iterable<BackupElementRecord>;
  /** To whom: age public keys, at least one. */
  readonly recipients: readonly AgeRecipient[];
  /** What was left out, for the manifest; a function is asked after the last element. */
  readonly leftOut?: readonly LeftOut[] | (() => readonly LeftOut[]);
  /** The platform's ciphers and compressor; portable ones unless told. */
  readonly ports?: BackupFilePorts;
  readonly limits?: Partial<BackupFileLimits>;
  /** Called for every piece of the file, about every 64 KiB. */
  readonly onProgress?: (progress: WriteProgress) => void;
  readonly signal?: AbortSignal;
}

/** A file that was written to its end. */
export interface WrittenMessageBackupFile {
  /** Bytes of the encrypted file. */
  readonly sizeBytes: number;
  /** SHA-256 of the encrypted file, 32 bytes. */
  readonly sha256: Uint8Array;
  readonly manifest: MessageBackupManifest;
}

/** A file that is being written. */
export interface MessageBackupFileWriter {
  /** The encrypted file. Nothing happens until it is read; cancelling it stops everything. */
  readonly file: ReadableStream<Uint8Array>;
  /**
   * Settles with the file's end: after its last byte was read, or with the error that the stream gave.
   * Need not be awaited.
   */
  readonly finished: Promise<WrittenMessageBackupFile>;
}

/**
 * Writes a Message Backup File: header, elements and manifest, compressed, encrypted as an age v1 file. Constant memory
 * at any number of elements.
 *
 * The stream (and `finished`) fail with a BackupFileError: `recipientInvalid`, `recordTooLarge`, `limitExceeded`,
 * `aborted`; or with what `elements` throws.
 */
export const writeMessageBackupFile = (
  options: WriteMessageBackupFileOptions,
): MessageBackupFileWriter => {
  const { signal, leftOut = [], onProgress } = options;
  const ports = options.ports ?? createPortablePorts();
  const limits = withLimits(options.limits);
  const counter = createElementCounter(limits);
  let resolve: (written: WrittenMessageBackupFile) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<WrittenMessageBackupFile>((onEnd, onError) => {
    resolve = onEnd;
    reject = onError;
  });
  // Whoever reads the stream gets the same error; not awaiting this one is no mistake.
  promise.catch(() => undefined);

  async function* file(): AsyncGenerator<Uint8Array, void, undefined> {
    let sizeBytes = 0;
    const sha256 = ports.createSha256();
    let manifest: MessageBackupManifest | undefined;
    let done = false;
    const emit = (piece: Uint8Array): Uint8Array => {
      throwIfAborted(signal);
      sizeBytes += piece.length;
      sha256.update(piece);
      onProgress?.({
        elements: counter.elementCount,
        messages: counter.messageCount,
        fileBytes: sizeBytes,
      });
      return piece;
    };
    try {
      throwIfAborted(signal);
      const { header, fileKey } = await createAgeHeader(options.recipients);
      const plain = writePlainForm(
        {
          header: options.header,
          elements: options.elements,
          counter,
          leftOut: () => (typeof leftOut === "function" ? leftOut() : leftOut),
          onManifest: (made) => {
            manifest = made;
          },
        },
        ports,
        limits,
      );
      const nonce = crypto.getRandomValues(new Uint8Array(AGE_NONCE_BYTES));
      yield emit(header);
      for await (const piece of sealAgePayload(
        ports.gzip(plain),
        fileKey,
        nonce,
        ports.chaCha20Poly1305,
      ))
        yield emit(piece);
      if (manifest === undefined) throw new Error("no manifest was made");
      resolve({ sizeBytes, sha256: sha256.digest(), manifest });
      done = true;
    } catch (error) {
      done = true;
      reject(error);
      throw error;
    } finally {
      if (!done)
        reject(new BackupFileError("aborted", "the file's reader went away"));
    }
  }

  return { file: streamOf(file()), finished: promise };
};
