import { ageIntro } from "./age/header.js";
import { createByteQueue } from "./bytes/byte-queue.js";
import { chunksOf, streamOf } from "./bytes/streams.js";

/** What a file of history can be. */
export type BackupFileFormat = "messageBackupFile" | "xmtpArchive" | "unknown";

/** How many bytes {@link detectFormat} needs to be sure. */
export const DETECT_BYTES = 22;

const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];
const ARCHIVE_HEADER_BYTES = 14;

/**
 * Tells a Message Backup File from an XMTP archive by the first bytes. Anything else, and less than
 * {@link DETECT_BYTES} bytes, is `unknown`. That a file looks like one says nothing about the rest of it; an encrypted
 * Backup Account File looks like a Message Backup File until it is opened.
 */
export const detectFormat = (start: Uint8Array): BackupFileFormat => {
  if (start.length < DETECT_BYTES) return "unknown";
  if ([...ageIntro].every((char, i) => start[i] === char.charCodeAt(0)))
    return "messageBackupFile";
  // The archive's version is two bytes; those of the foreseeable future have a zero in the second.
  if (
    start[1] === 0 &&
    zstdMagic.every((byte, i) => start[ARCHIVE_HEADER_BYTES + i] === byte)
  )
    return "xmtpArchive";
  return "unknown";
};

/**
 * Looks at the first bytes of a stream.
 *
 * @returns the format, and a stream of the same bytes from the first on
 * @throws BackupFileError `sourceFailed`, `aborted`
 */
export const detectFormatOfStream = async (
  stream: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): Promise<{
  readonly format: BackupFileFormat;
  readonly file: ReadableStream<Uint8Array>;
}> => {
  const chunks = chunksOf(stream, signal);
  const queue = createByteQueue();
  while (queue.length < DETECT_BYTES) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    queue.push(value);
  }
  const start = queue.take(queue.length);
  async function* file(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      if (start.length > 0) yield start;
      yield* chunks;
    } finally {
      await chunks.return();
    }
  }
  return { format: detectFormat(start), file: streamOf(file()) };
};
