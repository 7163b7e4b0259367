import { createByteQueue } from "../bytes/byte-queue.js";
import { createExpansionGuard } from "../bytes/expansion-guard.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";
import type { HuffmanTable } from "./huffman.js";
import { zstdInvalid } from "./invalid.js";
import { readLiterals } from "./literals.js";
import { createSequenceState, runSequences } from "./sequences.js";
import { createZstdWindow, type ZstdWindow } from "./window.js";

const MAX_BLOCK_BYTES = 128 * 1024;

interface FrameHeader {
  /** Bytes of the header. */
  readonly bytes: number;
  readonly windowBytes: number;
  readonly contentBytes: number | undefined;
  readonly checksumBytes: 0 | 4;
}

/** Reads a frame's header (RFC 8878 §3.1.1.1); `undefined` while too little has arrived. */
const readFrameHeader = (
  queue: { readonly length: number; at(index: number): number },
  maxWindowBytes: number,
): FrameHeader | undefined => {
  [0x28, 0xb5, 0x2f, 0xfd].forEach((byte, i) => {
    if (i < queue.length && queue.at(i) !== byte)
      throw zstdInvalid("this is no zstd frame");
  });
  if (queue.length < 5) return undefined;
  const descriptor = queue.at(4);
  const single = (descriptor & 32) !== 0;
  if ((descriptor & 8) !== 0) throw zstdInvalid("reserved bits are set");
  if ((descriptor & 3) !== 0) throw zstdInvalid("the frame needs a dictionary");
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 2 ** sizeFlag;
  const bytes = 5 + (single ? 0 : 1) + sizeBytes;
  if (queue.length < bytes) return undefined;
  let contentBytes: number | undefined;
  if (sizeBytes > 0) {
    contentBytes = sizeFlag === 1 ? 256 : 0;
    for (let i = 0; i < sizeBytes; i += 1)
      contentBytes += queue.at(bytes - sizeBytes + i) * 2 ** (8 * i);
  }
  const exponent = single ? 0 : queue.at(5) >> 3;
  const windowBytes = single
    ? (contentBytes ?? 0)
    : 2 ** (10 + exponent) * (1 + (queue.at(5) & 7) / 8);
  if (windowBytes > maxWindowBytes)
    throw new BackupFileError(
      "zstdWindowTooLarge",
      `zstd: a window of ${windowBytes} bytes, at most ${maxWindowBytes} accepted`,
    );
  return {
    bytes,
    windowBytes,
    contentBytes,
    checksumBytes: (descriptor & 4) === 0 ? 0 : 4,
  };
};

/** Expands blocks of one frame. */
const createBlockDecoder = (window: ZstdWindow, maxBlockBytes: number) => {
  const sequences = createSequenceState();
  let huffman: HuffmanTable | undefined;
  return {
    stored(bytes: Uint8Array): Uint8Array {
      window.begin(bytes.length);
      window.write(bytes);
      return bytes;
    },
    repeated(byte: number, count: number): Uint8Array {
      window.begin(count);
      window.fill(byte, count);
      return window.end();
    },
    compressed(bytes: Uint8Array): Uint8Array {
      window.begin(maxBlockBytes);
      const section = readLiterals(bytes, maxBlockBytes, huffman);
      huffman = section.huffman;
      let used = 0;
      const take = (count: number): Uint8Array => {
        if (used + count > section.literals.length)
          throw zstdInvalid("a sequence needs more literals than there are");
        used += count;
        return section.literals.subarray(used - count, used);
      };
      runSequences(bytes, section.end, sequences, {
        literals: (count) => window.write(take(count)),
        match: (offset, length) => window.copy(offset, length),
      });
      window.write(section.literals.subarray(used));
      return window.end();
    },
  };
};

/**
 * Expands exactly one zstd frame (RFC 8878) without a dictionary, block by block: constant memory, linear time on any
 * input. A content checksum is passed over, because what XMTP puts into a frame is authenticated by itself.
 *
 * Written here because the JavaScript decoders that exist either hold the whole output, spin for ever on some malformed
 * input, or move the whole window for every block. The WebAssembly build of the reference library with a streaming call
 * (`@hpcc-js/wasm-zstd` 1.12.5) says neither how much of its input it took nor that a frame has ended: measured, a frame of
 * 10,000,000 bytes gives 131,072 with 64 KiB of room at a time, and no error; a cut frame and bytes after it pass; a window
 * of 128 MiB is accepted; all readers share one state. An XMTP archive of 6.8 MB takes it 220 ms, and this 3 ms.
 *
 * @throws BackupFileError `archiveTruncated`, `trailingData`, `zstdInvalid`, `zstdWindowTooLarge`, `decompressionBomb`,
 *   or what `source` throws
 */
export async function* zstdExpand(
  source: AsyncIterable<Uint8Array>,
  limits: BackupFileLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const queue = createByteQueue();
  const guard = createExpansionGuard(limits);
  let frame: FrameHeader | undefined;
  let decoder: ReturnType<typeof createBlockDecoder> | undefined;
  let maxBlockBytes = 0;
  let expanded = 0;
  let block: { type: number; size: number; last: boolean } | undefined;
  let done = "no" as "no" | "checksum" | "yes";

  /** The next block's content if it has all arrived; `undefined` to wait for more. */
  const step = (): Uint8Array | undefined => {
    if (frame === undefined || decoder === undefined) {
      frame = readFrameHeader(queue, limits.maxZstdWindowBytes);
      if (frame === undefined) return undefined;
      queue.take(frame.bytes);
      maxBlockBytes = Math.min(MAX_BLOCK_BYTES, frame.windowBytes);
      decoder = createBlockDecoder(
        createZstdWindow(frame.windowBytes),
        maxBlockBytes,
      );
    }
    if (block === undefined) {
      if (queue.length < 3) return undefined;
      const bytes = queue.take(3);
      const header =
        (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256 + (bytes[2] ?? 0) * 65_536;
      block = {
        last: (header & 1) === 1,
        type: (header >> 1) & 3,
        size: header >> 3,
      };
      if (block.type === 3) throw zstdInvalid("a block's type is reserved");
      if (block.size > maxBlockBytes) throw zstdInvalid("a block is too large");
    }
    const { type, size, last } = block;
    const stored = type === 1 ? 1 : size;
    if (queue.length < stored) return undefined;
    const bytes = queue.take(stored);
    block = undefined;
    if (last) done = frame.checksumBytes > 0 ? "checksum" : "yes";
    switch (type) {
      case 0:
        return decoder.stored(bytes);
      case 1:
        return decoder.repeated(bytes[0] ?? 0, size);
      default:
        return decoder.compressed(bytes);
    }
  };

  for await (const piece of source) {
    guard.addInput(piece.length);
    queue.push(piece);
    while (done === "no") {
      const out = step();
      if (out === undefined) break;
      expanded += out.length;
      guard.addOutput(out.length);
      if (out.length > 0) yield out;
    }
    if (done === "checksum" && queue.length >= 4) {
      queue.take(4);
      done = "yes";
    }
    if (done === "yes" && queue.length > 0)
      throw new BackupFileError("trailingData", "bytes follow the zstd frame");
  }
  if (done !== "yes")
    throw new BackupFileError(
      "archiveTruncated",
      "the archive ends inside its zstd frame",
    );
  if (frame?.contentBytes !== undefined && frame.contentBytes !== expanded)
    throw zstdInvalid("the frame is not as long as it says");
}
