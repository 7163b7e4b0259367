import { createByteQueue } from "../bytes/byte-queue.js";
import { createExpansionGuard } from "../bytes/expansion-guard.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";
import type { BackupFilePorts } from "../ports/ports.js";

const TRAILER_BYTES = 8;
const FIXED_HEADER_BYTES = 10;
/** Optional fields of a gzip header are a file name and a comment at most; nobody needs more. */
const MAX_HEADER_BYTES = 4096;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;

const invalid = (message: string, cause?: unknown): BackupFileError =>
  new BackupFileError("compressionInvalid", message, cause);

/** The length of the gzip header (RFC 1952 §2.3) that begins the queue; `undefined` while too little has arrived. */
const headerLength = (queue: {
  readonly length: number;
  at(index: number): number;
}): number | undefined => {
  if (queue.length < FIXED_HEADER_BYTES) return undefined;
  if (queue.at(2) !== 8) throw invalid("gzip method is not deflate");
  const flags = queue.at(3);
  if (flags >= 32) throw invalid("gzip header has reserved flags");
  let at = FIXED_HEADER_BYTES;
  if ((flags & FLAG_EXTRA) !== 0) {
    if (queue.length < at + 2) return undefined;
    at += 2 + queue.at(at) + queue.at(at + 1) * 256;
    if (at > MAX_HEADER_BYTES) throw invalid("gzip header is too long");
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & flag) === 0) continue;
    for (let byte = -1; byte !== 0; at += 1) {
      if (at > MAX_HEADER_BYTES) throw invalid("gzip header is too long");
      if (at >= queue.length) return undefined;
      byte = queue.at(at);
    }
  }
  if ((flags & FLAG_HEADER_CRC) !== 0) at += 2;
  return queue.length < at ? undefined : at;
};

/**
 * Expands exactly one gzip member.
 *
 * Unlike `gunzip`, it takes neither a second member nor anything else after the first, and it stops where the output
 * outgrows the limits.
 *
 * @throws BackupFileError `codecUnsupported`, `compressionInvalid`, `decompressionBomb`, or what `source` throws
 */
export async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  ports: Pick<BackupFilePorts, "inflateRaw" | "crc32">,
  limits: BackupFileLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const queue = createByteQueue();
  let sourceFailure: { error: unknown } | undefined;
  const guard = createExpansionGuard(limits);
  let ended = false;

  async function* deflated(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      let inHeader = true;
      for await (const chunk of source) {
        guard.addInput(chunk.length);
        queue.push(chunk);
        if (inHeader) {
          if (queue.length < 2) continue;
          if (queue.at(0) !== 0x1f || queue.at(1) !== 0x8b)
            throw new BackupFileError(
              "codecUnsupported",
              "the content is not gzip",
            );
          const length = headerLength(queue);
          if (length === undefined) continue;
          queue.take(length);
          inHeader = false;
        }
        // The last eight bytes are no deflate data, wherever the stream ends.
        while (queue.length > TRAILER_BYTES)
          yield queue.takeSome(queue.length - TRAILER_BYTES);
      }
      if (inHeader || queue.length < TRAILER_BYTES)
        throw invalid("gzip data ends in its header or trailer");
      ended = true;
    } catch (error) {
      sourceFailure = { error };
      throw error;
    }
  }

  let expanded = 0;
  let crc = 0;
  try {
    for await (const chunk of ports.inflateRaw(deflated())) {
      expanded += chunk.length;
      guard.addOutput(chunk.length);
      crc = ports.crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BackupFileError) throw error;
    const failure = sourceFailure as { error: unknown } | undefined;
    if (failure !== undefined) throw failure.error;
    throw invalid("deflate data is malformed, cut or followed by more", error);
  }
  if (!ended) throw invalid("bytes follow the end of the deflate data");
  const trailer = queue.take(TRAILER_BYTES);
  const view = new DataView(
    trailer.buffer,
    trailer.byteOffset,
    trailer.byteLength,
  );
  if (view.getUint32(0, true) !== crc) throw invalid("gzip checksum is wrong");
  if (view.getUint32(4, true) !== expanded % 0x1_0000_0000)
    throw invalid("gzip length is wrong");
}
