import {
  AGE_NONCE_BYTES,
  type ByteQueue,
  createByteQueue,
  createHeaderScanner,
} from "@carryover/backup-file/layers";
import { AccountFileError } from "./errors.js";
import type { AccountFileLimits } from "./limits.js";

/** The part of a file before its payload. */
export interface FileStart {
  /** The age header, with its last line feed. */
  readonly ageHeader: Uint8Array;
  /** What was read beyond it. */
  readonly queue: ByteQueue;
}

/**
 * Reads chunks until the age header is whole.
 *
 * @throws AccountFileError `truncated`; BackupFileError for what is no age header
 */
export const readFileStart = async (
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  limits: Pick<AccountFileLimits, "maxAgeHeaderBytes">,
): Promise<FileStart> => {
  const queue = createByteQueue();
  const scan = createHeaderScanner(limits.maxAgeHeaderBytes);
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true)
      throw new AccountFileError(
        "truncated",
        queue.length === 0 ? "the file is empty" : "the age header is cut",
      );
    queue.push(value);
    const length = scan(queue);
    // Copied, because the chunk that it lies in is the caller's.
    if (length !== undefined)
      return { ageHeader: queue.take(length).slice(), queue };
  }
};

/** Reads the payload's nonce. @throws AccountFileError `truncated` */
export const readPayloadNonce = async (
  queue: ByteQueue,
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Uint8Array> => {
  while (queue.length < AGE_NONCE_BYTES) {
    const { done, value } = await chunks.next();
    if (done === true)
      throw new AccountFileError("truncated", "the payload's nonce is cut");
    queue.push(value);
  }
  return queue.take(AGE_NONCE_BYTES).slice();
};
